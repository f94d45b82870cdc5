//! The filter options, which every command flattens that reads logs: last in its `Args`, as a heading holds for
//! all options behind it.

use super::reading::now_of;
use crate::classify::Judge;
use crate::error::Error;
use crate::filter::{Filter, Filtering, Terms};
use crate::pipeline::Options;
use crate::record::Sink;
use clap::Args;

const HEADING: &str = "Filters (repeat one for alternatives; `!` before a value excludes it; `*` stands for anything)";

/// Which lines are wanted.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = HEADING)]
pub struct FilterArgs {
    /// From this moment on
    ///
    /// RFC 3339; `2026-11-20` (its beginning), `2026-11-20 14:00` or `14:00` (today), in the zone
    /// of --tz; `today`, `yesterday`; `-3h`, `-2d`, `-30m` before now. Given once.
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Before this moment; what became of mail is still told to the end of the log
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// Reply code or enhanced status code: `550`, `5xx`, `5.7.1`, `5.7.x`
    #[arg(long, value_name = "CODE")]
    pub code: Vec<String>,
    /// First digit of the reply code, else of the enhanced status code: `4`, `5`
    #[arg(long, value_name = "DIGIT")]
    pub class: Vec<String>,
    /// Why it failed: `mailbox-full`, `!greylisted`, `*-blocklisted`
    #[arg(long, value_name = "CAUSE")]
    pub cause: Vec<String>,
    /// Whose move it is: sender, recipient, own-admin, remote-admin, nobody
    #[arg(long, value_name = "PARTY")]
    pub party: Vec<String>,
    /// outbound (we were the client), inbound (we were the server), local
    #[arg(long, value_name = "DIRECTION")]
    pub direction: Vec<String>,
    /// delivered, deferred, bounced, expired, rejected, discarded, held
    #[arg(long, value_name = "WHAT")]
    pub disposition: Vec<String>,
    /// Envelope sender, of the line or of its message; `<>` is the null sender
    #[arg(long, value_name = "ADDRESS")]
    pub sender: Vec<String>,
    /// Envelope recipient, before or behind aliases
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Vec<String>,
    /// The recipient's domain
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Vec<String>,
    /// Receiving provider: `google`, `microsoft`, …
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Vec<String>,
    /// Client that brought the mail or was refused: address, network (`192.0.2.0/24`) or name
    #[arg(long, value_name = "CLIENT")]
    pub client: Vec<String>,
    /// Host that wrote the line
    #[arg(long, value_name = "HOST")]
    pub host: Vec<String>,
    /// Login that brought the mail, or that failed
    #[arg(long, value_name = "USER")]
    pub user: Vec<String>,
    /// Queue id (Exim: message id); upper and lower case are different
    #[arg(long, value_name = "ID")]
    pub queue_id: Vec<String>,
}

impl FilterArgs {
    /// The filter; `None` when nothing was asked for.
    ///
    /// # Errors
    /// A value that its option cannot have.
    pub fn filter(&self, options: &Options) -> Result<Option<Filter>, Error> {
        Filter::parse(&self.terms(), options.zone, now_of(options))
    }

    /// As typed.
    pub fn terms(&self) -> Terms {
        let Self {
            since,
            until,
            code,
            class,
            cause,
            party,
            direction,
            disposition,
            sender,
            recipient,
            domain,
            provider,
            client,
            host,
            user,
            queue_id,
        } = self.clone();
        Terms {
            since,
            until,
            code,
            class,
            cause,
            party,
            direction,
            disposition,
            sender,
            recipient,
            domain,
            provider,
            client,
            host,
            user,
            queue_id,
        }
    }
}

/// Reads with `sink` behind the filter, if there is one.
pub(super) fn behind<R>(
    filter: Option<&Filter>,
    sink: &mut dyn Sink,
    read: impl FnOnce(&mut dyn Sink) -> R,
) -> R {
    match filter {
        Some(filter) => read(&mut Filtering::new(filter.clone(), Judge::builtin(), sink)),
        None => read(sink),
    }
}
