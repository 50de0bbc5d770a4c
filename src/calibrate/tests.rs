//! Known parameters are found again.
