//! From values to text for people and programs. Renderers never count, sort or look up.

pub mod sanitize;
