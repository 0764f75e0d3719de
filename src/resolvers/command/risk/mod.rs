//! What becomes of the risk of accounts by itself, how it is told, and what somebody decides about it.

mod note_levels;
mod settle;
mod tidy;
mod verdicts;

pub use note_levels::{NoteRiskLevels, OWN_RISK_LEVEL, RISK_LEVEL, RiskLevelChange};
pub use settle::SettleRisk;
pub use tidy::TidyRisk;
pub use verdicts::{ConfirmCompromised, ConfirmSafe, DismissEvidence, EvidenceRef};
