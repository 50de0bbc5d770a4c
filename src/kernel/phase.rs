//! The order of different kinds of event at one instant.

/// Which kind of event comes first when several fall on the same nanosecond.
///
/// The numbers are written by hand: moving a line cannot change a result. Why each precedes the
/// next:
///
/// * `Release` before `Timer`: a port whose TIME_WAIT ends now is free for everything that
///   happens now; TCP's timer is the kernel's and does not wait for the process.
/// * `Timer` before `Network`: the timer thread fires every timer that is due before the
///   program sees input of the same tick (recorded traces: each step is preceded by all passes
///   at or before its time). So a ServicePoint that expires at the instant of a request is gone
///   before the request looks it up.
/// * `Network` before `Arrival`: a response that ends now frees its connection for a request
///   that is made now; the program reads before it asks again.
/// * `Arrival` before `Sample`: a sample shows the state after everything of its instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Phase {
    /// A port leaves TIME_WAIT.
    Release = 0,
    /// A timer of a process fires.
    Timer = 1,
    /// Something arrives from the network: a connect is answered, a response ends, a FIN.
    Network = 2,
    /// The program acts: a request is made, a connection group is closed.
    Arrival = 3,
    /// The port table is read for the records.
    Sample = 4,
}
