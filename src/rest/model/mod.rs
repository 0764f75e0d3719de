//! What is sent and answered: the words of this face. Where a seed of the requirements has an object, it is that object.

#[macro_use]
pub mod choice;

pub mod action;
pub mod activity;
pub mod alert;
pub mod change;
pub mod collective;
pub mod event;
pub mod feed;
pub mod identity;
pub mod linked_identity;
pub mod member;
pub mod moment;
pub mod organization;
pub mod page;
pub mod problem;
pub mod profile;
pub mod report;
pub mod resolution;
pub mod risk;
pub mod risk_policy;
pub mod webhook;
