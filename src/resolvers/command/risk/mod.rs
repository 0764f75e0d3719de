//! What becomes of the risk of accounts by itself, and how it is told.

mod note_levels;
mod settle;
mod tidy;

pub use note_levels::{NoteRiskLevels, RiskLevelChange};
pub use settle::SettleRisk;
pub use tidy::TidyRisk;
