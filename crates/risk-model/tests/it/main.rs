//! The crate as its callers see it.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod model;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod support;
