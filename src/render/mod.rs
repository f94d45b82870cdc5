//! From a report or records to bytes. Renderers lay out; they never count, sort or look up, and they escape
//! everything that came from a log. To add a format: one file here, one variant where the command chooses.

pub mod cell;
pub mod events;
mod flat;
pub mod json;
pub mod sanitize;
pub mod sheet;

#[cfg(feature = "cli")]
pub mod audit;
#[cfg(feature = "cli")]
mod checks;
#[cfg(feature = "cli")]
pub mod compare;
#[cfg(feature = "cli")]
pub mod csv;
#[cfg(feature = "cli")]
pub mod digest;
#[cfg(feature = "cli")]
pub mod email;
#[cfg(feature = "cli")]
pub mod history;
#[cfg(feature = "cli")]
pub mod html;
#[cfg(feature = "cli")]
pub mod incidents;
#[cfg(feature = "cli")]
pub mod layout;
#[cfg(feature = "cli")]
pub mod live;
#[cfg(feature = "cli")]
pub mod markdown;
#[cfg(feature = "cli")]
mod names;
#[cfg(feature = "cli")]
mod notes;
#[cfg(feature = "cli")]
pub mod prometheus;
#[cfg(feature = "cli")]
pub mod queue;
#[cfg(feature = "cli")]
pub mod suppress;
#[cfg(feature = "cli")]
pub mod tables;
#[cfg(feature = "cli")]
pub mod text;
#[cfg(feature = "cli")]
mod timeline;
#[cfg(feature = "cli")]
pub mod trace;
#[cfg(feature = "cli")]
mod usual;
