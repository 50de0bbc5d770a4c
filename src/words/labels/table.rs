//! The table itself: every label with what it is, its placeholders and its English text.

use super::{Label, Row};
use alloc::string::String;

/// From rows `key(placeholders) = "English"` to a struct for each section, a method for each
/// label that takes its values, and the list of all rows.
macro_rules! labels {
    ($(
        $(#[doc = $section_about:literal])+
        $section:ident: $Section:ident {
            $(
                $(#[doc = $about:literal])+
                $key:ident($($value:ident),*) = $english:literal;
            )+
        }
    )+) => {
        /// Every word of the pictures.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Labels {
            $(
                $(#[doc = $section_about])+
                pub $section: $Section,
            )+
        }

        impl Labels {
            /// English.
            const fn english() -> Labels {
                Labels {
                    $($section: $Section { $($key: Label::english($english)),+ }),+
                }
            }

            /// Every label, in the order of the table.
            pub const ROWS: &'static [Row] = &[
                $($(Row {
                    section: stringify!($section),
                    field: stringify!($key),
                    about: &[$($about),+],
                    placeholders: &[$(stringify!($value)),*],
                    english: $english,
                },)+)+
            ];

            /// The label at a row's place, to be changed.
            pub(super) fn label_mut(&mut self, section: &str, key: &str) -> Option<&mut Label> {
                match (section, key) {
                    $($(
                        (stringify!($section), stringify!($key)) => Some(&mut self.$section.$key),
                    )+)+
                    _ => None,
                }
            }
        }

        $(
            $(#[doc = $section_about])+
            #[derive(Clone, PartialEq, Eq, Debug)]
            pub struct $Section {
                $(
                    $(#[doc = $about])+
                    pub $key: Label,
                )+
            }

            impl $Section {
                $(
                    $(#[doc = $about])+
                    pub fn $key(&self, $($value: &str),*) -> String {
                        self.$key.filled(&[$((stringify!($value), $value)),*])
                    }
                )+
            }
        )+
    };
}

/// English: what pictures show when nobody says otherwise.
pub static ENGLISH: Labels = Labels::english();

labels! {
    /// How numbers are written.
    numbers: Numbers {
        /// Between a number and its fraction: one character.
        decimal_mark() = ".";
        /// Between groups of three digits: one character, or nothing.
        digit_groups() = ",";
        /// A number of per cent.
        percent(value) = "{value}%";
        /// So many a second.
        per_second(value) = "{value}/s";
        /// A multiple, as of the load.
        times(factor) = "×{factor}";
    }
    /// Units of time, after a number or in brackets.
    units: Units {
        /// Days.
        days() = "d";
        /// Hours.
        hours() = "h";
        /// Minutes.
        minutes() = "min";
        /// Seconds.
        seconds() = "s";
        /// Milliseconds.
        milliseconds() = "ms";
        /// Microseconds.
        microseconds() = "µs";
    }
    /// How many there are of what: one of them, and any other number. A language with more forms
    /// can word both as `ports: {count}`.
    counts: Counts {
        /// One port.
        port(count) = "{count} port";
        /// Several ports.
        ports(count) = "{count} ports";
        /// One connection group.
        group(count) = "{count} group";
        /// Several connection groups.
        groups(count) = "{count} groups";
        /// One connection.
        connection(count) = "{count} connection";
        /// Several connections.
        connections(count) = "{count} connections";
        /// One request.
        request(count) = "{count} request";
        /// Several requests.
        requests(count) = "{count} requests";
        /// One run.
        run(count) = "{count} run";
        /// Several runs.
        runs(count) = "{count} runs";
    }
    /// What a port is doing.
    states: States {
        /// A connection is being set up.
        connecting() = "connecting";
        /// A request is served.
        busy() = "busy";
        /// Kept alive, with nothing to do.
        idle() = "idle";
        /// The server has closed, the client has not noticed.
        close_wait() = "CLOSE_WAIT";
        /// Held after the client closed first.
        time_wait() = "TIME_WAIT";
    }
    /// Titles of axes.
    axes: Axes {
        /// Time, to the right.
        simulated_time(unit) = "Simulated time ({unit})";
        /// Ports, upwards.
        ports() = "Local ports in use";
        /// `snat.svg`, upwards.
        snat() = "SNAT ports in use, % of the fullest pool";
        /// `addresses.svg`, upwards.
        addresses() = "Requests sent to the old address, %";
        /// `survival.svg`, upwards.
        survival() = "Runs that have not run out of ports (%)";
    }
    /// Charts of lines over time: `ports.svg` and those drawn like it.
    lines: Lines {
        /// The limit, in the key.
        limit(ports) = "limit: {ports}";
        /// The same where it is far above the axis.
        limit_outside(ports) = "limit: {ports}, far above";
        /// The limit of a NAT, in the place of `ports` above.
        snat_ports(percent) = "{percent} of the SNAT ports";
        /// A label that is true of some strategies only.
        of_some(label, strategies) = "{label} ({strategies})";
        /// A label that is true of one strategy only.
        of_one(label, strategy) = "{strategy}: {label}";
        /// The highest point of a line, in the key.
        peak(peak) = "peak {peak}";
        /// The same with the limit.
        peak_of_limit(peak, limit) = "peak {peak} of {limit}";
        /// The last value of a line, in the key of `addresses.svg`.
        at_end(value) = "{value} at the end";
        /// Where the ports ran out.
        out_of_ports(time) = "out of ports at {time}";
        /// Where those of a NAT did, in the key.
        out_of_snat_ports(time) = "no SNAT port at {time}";
        /// Where the ports ran out in the median of several runs.
        out_of_ports_median(time) = "out of ports at {time} (median)";
        /// In how many runs they did.
        exhausted_in(count, runs) = "exhausted in {count} of {runs}";
        /// Above the tracks that show when requests failed.
        failed() = "Requests that failed (stronger: a larger share)";
        /// Beside a track: how many of one strategy, or of one program.
        failed_of_one(failed, requests, strategy) = "{failed} of {requests}, {strategy}";
        /// Above the strip that shows the low lines enlarged.
        enlarged(top) = "Enlarged: what stays below {top}";
    }
    /// What happened when, above charts over time.
    events: Events {
        /// The only workload begins.
        load_begins() = "load begins";
        /// It ends.
        load_ends() = "load ends";
        /// One of several begins.
        begins(workload) = "{workload} begins";
        /// It ends.
        ends(workload) = "{workload} ends";
        /// No requests for a while.
        pause() = "pause";
        /// A server is out.
        outage() = "outage";
        /// A server's name leads to another address.
        name_moves() = "the name moves";
        /// A strategy closes groups again and again, from here on.
        first_closing() = "first closing of groups";
        /// Most ports come back at once.
        released(strategy) = "{strategy}: ports come back";
    }
    /// `states.svg`, `clients.svg` and `answers.svg`: small charts beside each other.
    stacks: Stacks {
        /// Below the title.
        title() = "Local ports by state";
        /// Before the names of the states.
        legend() = "Local ports in use:";
        /// The line of the limit.
        limit() = "limit";
        /// Above a panel whose axis is another than the others'.
        enlarged(peak) = "{peak} · enlarged";
        /// `clients.svg`: below the title.
        clients_title() = "Local ports by program; below: requests that failed";
        /// Before the names of the programs.
        clients_legend() = "Local ports held by:";
        /// `answers.svg`: below the title.
        answers_title() = "What became of requests, per second";
        /// Before the names of what can become of them.
        answers_legend() = "Requests a second:";
        /// An answer came while somebody waited.
        answered() = "answered in time";
        /// None came.
        failed() = "failed";
        /// Above a panel: both in all.
        became(answered, failed) = "{answered} answered, {failed} failed";
        /// Programs that share a layer.
        clients_others(count) = "{count} others";
    }
    /// `survival.svg`: the share of runs that still have ports.
    survival: Survival {
        /// Below the title.
        title() = "How long ports last";
        /// How many ran out, in the key.
        ran_out(count, runs) = "{count} of {runs} ran out";
        /// When half of them had.
        half_by(time) = "half of them by {time}";
    }
    /// Below the pictures: where they come from.
    caption: Caption {
        /// What made the picture.
        simulated(version, scenario, seed) =
            "Simulated with spsim {version}, scenario {scenario}, seed {seed}";
        /// The same where a strategy is meant.
        simulated_strategy(version, scenario, strategy, seed) =
            "Simulated with spsim {version}, scenario {scenario}, strategy {strategy}, seed {seed}";
        /// With replications.
        means(runs) = "means of {runs}";
        /// With replications, where a band is drawn around each line.
        means_shaded(runs) = "means of {runs}; shaded: 95% interval";
        /// `survival.svg`.
        survival(runs) = "{runs}, Kaplan–Meier; shaded: pointwise 95% interval";
        /// Pictures of the gallery.
        varied() = "All other settings as in the scenario.";
        /// `one-connection.svg`.
        shares() =
            "Where stages are many, each column shows the share of time in each.";
    }
    /// Below the pictures: what they rest on.
    assumed: Assumed {
        /// The sentence, with the labels below in it.
        all(assumptions) = "Assumed: {assumptions}.";
        /// Who closes first after a response without keep-alive.
        server_closes_first() = "the server closes first when keep-alive is off";
        /// The same.
        client_closes_first() = "the client closes first when keep-alive is off";
        /// The same.
        closer_differs() = "who closes first differs by server";
        /// Nobody said how long it lasts.
        no_time_wait() = "TIME_WAIT not modelled";
        /// How long it lasts.
        time_wait(time) = "TIME_WAIT {time}";
        /// How .NET Framework closes what is idle.
        closed_by_reset() = "idle connections are closed by a reset";
        /// The same.
        closed_by_fin() = "idle connections are closed by a FIN";
        /// `reservation-leak` is on.
        reservations_leak() = "reservations leak after a refusal";
        /// What is true of some strategies only.
        of_some(assumption, strategies) = "{assumption} ({strategies})";
    }
    /// Pictures of a sweep.
    sweep: Sweep {
        /// The key of columns.
        across(key) = "Across: {key}";
        /// The key of rows.
        up(key) = "Up: {key}";
        /// A line that has no value, in the key.
        no_value() = "no value";
        /// The last value of a line, in the key.
        ends_at(value) = "ends at {value}";
        /// How much was run.
        points(points, runs) = "{points} points, {runs}.";
        /// In the place of `runs` above.
        one_run() = "one run per point";
        /// The same, of several.
        several_runs(count) = "{count} runs per point";
        /// The same, where a band is drawn around each line.
        several_runs_shaded(count) = "{count} runs per point; shaded: 95% interval";
        /// Keys that no axis shows.
        mean_over(keys) = "Mean over {keys}.";
        /// Strategies that the key does not change.
        not_drawn(strategies) = "Not drawn, since the key changes nothing there: {strategies}.";
        /// A strategy that changes nothing, where no other is drawn.
        scenario() = "the scenario as it is";
        /// A line that has no value at some steps, in the key.
        absent_at(count, steps, absent) = "{count} of {steps}: {absent}";
        /// Where ports do not run out within the run.
        never() = "never";
        /// Where the quantile lies beyond what was answered.
        no_answer() = "no answer";
        /// With `--sample`.
        mean_over_parts() = "Mean over the sampled points of each part.";
    }
    /// What a sweep can draw: title and axis.
    metrics: Metrics {
        /// `p_exhausted`.
        p_exhausted() = "Share of runs that ran out of ports";
        /// `exhausted_at_s`.
        exhausted_at_s(unit) = "First refused connect ({unit})";
        /// `ports_peak`.
        ports_peak() = "Most local ports in use";
        /// `ports_peak_share`.
        ports_peak_share() = "Most local ports in use, share of the limit";
        /// `ports_mean`.
        ports_mean() = "Mean of local ports in use";
        /// `failed`.
        failed() = "Failed requests";
        /// `failed_share`.
        failed_share() = "Share of requests that failed";
        /// `timed_out`.
        timed_out() = "Requests that timed out";
        /// `latency_mean_s`.
        latency_mean_s(unit) = "Mean latency of answered requests ({unit})";
        /// `latency_p99_s`.
        latency_p99_s(unit) = "99th percentile of the latency ({unit})";
        /// `queue_mean_s`.
        queue_mean_s(unit) = "Mean wait for a connection ({unit})";
        /// `queue_p99_s`.
        queue_p99_s(unit) = "99th percentile of the wait for a connection ({unit})";
        /// `answered`.
        answered() = "Answered requests";
        /// `unanswered`.
        unanswered() = "Requests in flight at the end";
        /// `opened`.
        opened() = "Connections opened";
        /// `snat_peak_share`.
        snat_peak_share() = "Most SNAT ports in use, share of the limit";
    }
    /// The gallery: pictures of what a scenario's numbers depend on.
    gallery: GalleryWords {
        /// Below the title, where a picture is about one strategy.
        strategy(title, strategy) = "{title}, “{strategy}”";
        /// The same at an instant.
        strategy_at(title, strategy, time) = "{title}, “{strategy}”, after {time}";
    }
    /// `leak-phases.svg`: bursts and pauses.
    phases: Phases {
        /// The picture's title.
        title() = "Do ports come back between bursts?";
        /// Upwards.
        rate() = "Requests a second in a burst";
        /// To the right.
        pause(burst) = "Pause between two bursts of {burst} (s)";
        /// The ports come back.
        returns() = "return";
        /// Some stay taken, but no more than before.
        plateau() = "plateau";
        /// More of them stay taken after each burst.
        leak() = "leak";
        /// There are none left.
        run_out() = "run out";
        /// The line between pauses that are shorter and longer than that.
        idle_time(time) = "MaxServicePointIdleTime {time}";
    }
    /// `one-connection.svg`: a connection's life.
    life: Life {
        /// The picture's title.
        title() = "One connection, from its connect until its port is free";
        /// Below each bar.
        told(port, requests, stages, ending) = "port {port}, {requests}; {stages}; {ending}";
        /// How long it was in a state.
        stage(state, time) = "{state} {time}";
        /// The end, where the run saw it.
        free_after(time) = "port free after {time}";
        /// The end, where it did not.
        still_taken() = "port still taken when the run ends";
    }
    /// `picture.svg`: a ServicePoint and what hangs on it.
    diagram: Diagram {
        /// The picture's title.
        title() = "A ServicePoint, its groups, their connections, their ports";
        /// First column.
        service_point() = "ServicePoint";
        /// Second column.
        connection_group() = "ConnectionGroup";
        /// Third column.
        connection() = "Connection";
        /// Fourth column.
        local_port() = "local port";
        /// Where groups do not name pools.
        shared_pool() = "pool of the shared handler";
        /// Where each request has a handler of its own.
        private_handlers() = "handlers of one request";
        /// A connection by its number.
        connection_number(number) = "connection {number}";
        /// How many requests it has served.
        served(count) = "served {count}";
        /// Where its group has others.
        more_connections(count) = "and {count} more";
        /// A port by its number.
        port_number(number) = "port {number}";
        /// A connection without one.
        no_port() = "no port";
        /// The state of a connection that waits for its next request.
        kept_open() = "idle, kept open";
        /// The state of one that has no port.
        closed() = "closed";
        /// Groups that are not drawn.
        more_groups(count) = "… and {count} more";
        /// What they hold.
        more_ports(ports) = "hold {ports}";
        /// Ports that no connection holds any more.
        held(ports) = "{ports} more";
        /// Why they are not free.
        in_time_wait() = "in TIME_WAIT";
        /// In the place of their connections.
        closed_before() = "closed by the client";
    }
    /// `calibration.svg`: what was observed and what was fitted.
    calibration: CalibrationWords {
        /// The picture's title.
        title(scenario) = "{scenario} fitted to an observed curve";
        /// Time, to the right.
        time(unit) = "Time since the first observation ({unit})";
        /// Upwards, in the lower part.
        residual() = "Observed less model";
        /// Below the title: every number that was fitted.
        fitted(numbers) = "Fitted: {numbers}.";
        /// One of them.
        number(name, value, interval) = "{name} {value} (95%: {interval})";
        /// Where there is none.
        nothing() = "The curve tells none of the numbers by itself.";
        /// Instead of the fitted numbers, where the model lacks something.
        missed() = "The model misses what was observed: its numbers have no interval.";
        /// The line of what was observed, in the key.
        observed() = "observed";
        /// The line of the fitted scenario.
        model() = "fitted; 95% shaded";
        /// The line of the scenario as it was.
        before() = "scenario before";
        /// First and last value of a line.
        ends(first, last) = "{first} → {last}";
        /// How well both agree.
        goodness(deviation, scatter) =
            "Deviation {deviation} ports (root mean square); single runs of the model deviate \
             {scatter}.";
        /// The same, where the share that is explained is known.
        goodness_explained(deviation, explained, scatter) =
            "Deviation {deviation} ports (root mean square), R² {explained}; single runs of the \
             model deviate {scatter}.";
        /// How it was fitted.
        method() = "Least squares on the mean of the model's runs";
        /// A number of requests a second.
        rate(value) = "{value} /s";
    }
}
