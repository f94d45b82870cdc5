//! The handshake of TLS, which records the certificate and judges nothing: what is wrong with it is a finding, not
//! an end of the session.
//!
//! Bounds: `rustls` takes no message of more than 64 KiB and no unasked-for ones; whoever calls has a deadline.

use super::certificate::{MOST_CERTIFICATES, words};
use super::session::{Tls, TlsTrouble};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What the server showed.
#[derive(Debug, Default)]
struct Shown {
    chain: Vec<Vec<u8>>,
    unproved: Option<String>,
}

/// Takes every certificate, and keeps it.
#[derive(Debug)]
struct Recorder {
    provider: CryptoProvider,
    shown: Arc<Mutex<Shown>>,
}

impl Recorder {
    fn signature(
        &self,
        checked: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> HandshakeSignatureValid {
        if let Err(error) = checked {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.unproved = Some(words(&error));
        }
        HandshakeSignatureValid::assertion()
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.chain = std::iter::once(end_entity)
            .chain(intermediates)
            .take(MOST_CERTIFICATES)
            .map(|certificate| certificate.to_vec())
            .collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        Ok(self.signature(verify_tls12_signature(message, cert, dss, algorithms)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        Ok(self.signature(verify_tls13_signature(message, cert, dss, algorithms)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Speaks TLS 1.2 or 1.3 with a server, and tells what it showed. The name goes out as SNI; without one none does.
///
/// # Errors
///
/// There is no TLS with it.
pub async fn negotiate<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    host: &str,
    address: IpAddr,
) -> Result<(TlsStream<S>, Tls), TlsTrouble> {
    let failed = |error: rustls::Error| TlsTrouble::Failed(words(&error));
    let shown = Arc::new(Mutex::new(Shown::default()));
    let provider = ring::default_provider();
    let recorder = Recorder { provider: provider.clone(), shown: shown.clone() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(recorder))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    let name =
        ServerName::try_from(host.to_owned()).unwrap_or(ServerName::IpAddress(address.into()));
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.map_err(|error| trouble(&error))?;
    let (_, connection) = stream.get_ref();
    let protocol = match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "TLS",
    };
    let cipher = connection
        .negotiated_cipher_suite()
        .map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
    let shown = std::mem::take(&mut *shown.lock().unwrap_or_else(PoisonError::into_inner));
    let Shown { chain, unproved } = shown;
    Ok((stream, Tls { protocol: protocol.to_owned(), cipher, chain, unproved }))
}

/// What an error of the stream means.
fn trouble(error: &std::io::Error) -> TlsTrouble {
    use rustls::Error;
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => TlsTrouble::Alert(format!("{alert:?}")),
        Some(Error::PeerIncompatible(_)) => TlsTrouble::Outdated,
        Some(Error::InvalidMessage(_)) => TlsTrouble::NotTls,
        Some(other) => TlsTrouble::Failed(words(other)),
        None => match error.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                TlsTrouble::HungUp
            }
            _ => TlsTrouble::Failed(error.to_string()),
        },
    }
}
