//! Access logs of Apache, nginx and the load balancers of AWS.
//!
//! A line's fields are declared (`--log-format`) or recognised whole: every field of the first
//! lines must fit a format that is known. Formats that fit and say the same of a request are one.
//! Where they differ in the duration alone, as `%D` and `%T` do, it stays unknown; where they
//! differ in more, the log is refused. Nothing is inferred from how large a number is.
//!
//! Apache stamps a line with the time its request arrived; nginx with the time it was answered,
//! so there a request arrived that much earlier.

mod grammar;
mod known;
mod strftime;
mod template;

use super::calendar::Offset;
use super::duration_unit::DurationUnit;
use super::import::{GroupBy, LogFormat, Request};
use crate::units::NANOS_PER_SECOND;
use template::{Reading, Says, Stamped, Template};

/// Which program wrote the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Server {
    /// Apache: stamped when the request arrived.
    Apache,
    /// nginx: stamped when it was answered.
    Nginx,
    /// AWS's application load balancer: stamped when it was answered.
    Alb,
    /// AWS's classic load balancer: stamped when the request arrived.
    Elb,
}

impl Server {
    /// What a log of it is called.
    const fn log(self) -> &'static str {
        match self {
            Server::Apache => "an Apache access log",
            Server::Nginx => "an nginx access log",
            Server::Alb => "an access log of an AWS application load balancer",
            Server::Elb => "an access log of an AWS classic load balancer",
        }
    }

    /// What `spsim import` calls it.
    const fn command(self) -> &'static str {
        match self {
            Server::Apache => "apache",
            Server::Nginx => "nginx",
            Server::Alb => "alb",
            Server::Elb => "elb",
        }
    }
}

/// A log format that somebody declared: a name of ours, or the server's own string.
#[derive(Clone, Debug)]
pub struct DeclaredFormat(Template);

impl DeclaredFormat {
    /// Reads what was typed.
    ///
    /// # Errors
    /// It is neither a name that is known nor a format.
    pub fn parse(text: &str) -> Result<DeclaredFormat, String> {
        if text.contains(['%', '$']) {
            return Template::parse("declared", text).map(DeclaredFormat);
        }
        let name = text.trim().replace('_', "-");
        let formats: Vec<Template> = [Server::Apache, Server::Nginx, Server::Alb, Server::Elb]
            .into_iter()
            .flat_map(known::all)
            .collect();
        let found = formats
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(&name));
        found.cloned().map(DeclaredFormat).ok_or_else(|| {
            let mut names: Vec<&str> = formats.iter().map(|format| &*format.name).collect();
            names.sort_unstable();
            names.dedup();
            format!(
                "neither a format (`%h %l %u %t …`, `$remote_addr …`) nor a name: {}",
                names.join(", ")
            )
        })
    }
}

/// What was said of the log on the command line.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its format.
    pub format: Option<DeclaredFormat>,
    /// The unit of its whole request times.
    pub unit: Option<DurationUnit>,
    /// What becomes the group of a request.
    pub group: GroupBy,
    /// The offset of stamps without one.
    pub zone: Offset,
}

/// Reads the lines of an access log.
#[derive(Debug)]
pub struct AccessLog {
    server: Server,
    declared: Declared,
    format: Option<Template>,
    /// Whether the format's duration is not to be used: others fit that say another.
    duration_is_unsure: bool,
    notes: Vec<String>,
    without: u64,
    with: u64,
    /// Lines of connections on which no request came.
    no_requests: u64,
}

impl AccessLog {
    /// A reader of logs of `server`.
    pub fn new(server: Server, declared: Declared) -> AccessLog {
        AccessLog {
            server,
            format: declared.format.clone().map(|it| it.0),
            declared,
            duration_is_unsure: false,
            notes: Vec::new(),
            without: 0,
            with: 0,
            no_requests: 0,
        }
    }

    /// The formats that fit every one of `lines` that fits any.
    fn fitting(&self, lines: &[&[u8]]) -> Result<Vec<Template>, String> {
        let mut formats = known::all(self.server);
        if self.server == Server::Nginx {
            formats.extend(lines.iter().find_map(|line| known::labelled(line)));
        }
        if let Some(unit) = self.declared.unit {
            // The unit is said: of formats that differ in it alone, that one.
            let is_other = |says| matches!(says, Says::Took(its) if its != unit);
            formats.retain(|format| !format.fields().any(|field| is_other(field.says)));
        }
        let zone = self.declared.zone;
        let fits = |format: &Template, line: &[u8]| format.read(line, zone).is_ok();
        // A line that fits none is told when its turn comes.
        let known: Vec<(&[u8], &Template)> = lines
            .iter()
            .filter_map(|line| Some((*line, formats.iter().find(|it| fits(it, line))?)))
            .collect();
        let fitting: Vec<Template> = (formats.iter())
            .filter(|format| !known.is_empty() && known.iter().all(|(line, _)| fits(format, line)))
            .cloned()
            .collect();
        match known.first() {
            Some((_, one)) if fitting.is_empty() => {
                let other = known.iter().find(|(line, _)| !fits(one, line));
                let other = other.map_or("another", |(_, format)| &*format.name);
                Err(format!(
                    "has lines of two formats, {} and {other}: split it, or say `--log-format` to \
                     read those of one",
                    one.name
                ))
            }
            _ => Ok(fitting),
        }
    }

    /// What a reading says of the request, less its duration: what must not differ.
    fn essence<'l>(&self, reading: &Reading<'l>) -> (Option<i64>, &'l [u8]) {
        (reading.stamp_ns, self.group_of(reading))
    }

    fn group_of<'l>(&self, reading: &Reading<'l>) -> &'l [u8] {
        match self.declared.group {
            GroupBy::Client => reading.client,
            GroupBy::Forwarded => reading.forwarded,
            GroupBy::User => reading.user,
            GroupBy::Url => reading.path,
            GroupBy::None => b"",
        }
    }

    /// Says which field was taken as what.
    fn tell_fields(&mut self, format: &Template) {
        let mut used: Vec<String> = Vec::new();
        for field in format.fields() {
            let meaning = match field.says.meaning() {
                Some(meaning) if meaning.contains("duration") && self.duration_is_unsure => {
                    continue;
                }
                Some(meaning) => meaning,
                None => continue,
            };
            used.push(format!("`{}` is {meaning}", field.written));
        }
        self.notes
            .push(format!("read as {}: {}", format.name, used.join(", ")));
    }
}

impl LogFormat for AccessLog {
    fn begin(&mut self, lines: &[&[u8]]) -> Result<(), Vec<String>> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.format.is_none() {
            let mut formats = self.fitting(lines).map_err(|why| vec![why])?;
            let Some(first) = (!formats.is_empty()).then(|| formats.remove(0)) else {
                return Err(self.unrecognised(lines));
            };
            let zone = self.declared.zone;
            let mut unsure = Vec::new();
            for other in &formats {
                for line in lines {
                    let (Ok(a), Ok(b)) = (first.read(line, zone), other.read(line, zone)) else {
                        continue;
                    };
                    if self.essence(&a) != self.essence(&b) {
                        return Err(vec![format!(
                            "can be read as {} and as {}, and they differ: say `--log-format`",
                            first.name, other.name
                        )]);
                    }
                    if a.duration != b.duration {
                        unsure.push(other.name.clone());
                        break;
                    }
                }
            }
            if !unsure.is_empty() {
                self.duration_is_unsure = true;
                self.notes.push(format!(
                    "the number at the end may be that of {} or of {}: it is not used as a \
                     duration; say `--log-format` or `--duration-unit`",
                    first.name,
                    unsure.join(", of ")
                ));
            }
            self.format = Some(first);
        }
        if let Some(format) = self.format.clone() {
            self.tell_fields(&format);
        }
        Ok(())
    }

    fn read_line<'l>(
        &'l mut self,
        _number: u64,
        line: &'l [u8],
    ) -> Result<Option<Request<'l>>, String> {
        let format = self.format.as_ref().expect("`begin` finds one or fails");
        let reading = format.read(line, self.declared.zone)?;
        if reading.no_request {
            self.no_requests += 1;
            return Ok(None);
        }
        let duration = reading.duration.filter(|_| !self.duration_is_unsure);
        *(match duration {
            Some(_) => &mut self.with,
            None => &mut self.without,
        }) += 1;
        let taken = match (format.stamped, duration) {
            (Stamped::Answer, Some(span)) => span.as_nanos().cast_signed(),
            _ => 0,
        };
        let stamped = reading.stamp_ns.map(|stamp| stamp - taken);
        let arrived = reading.arrived_ns.or(stamped);
        Ok(Some(Request {
            arrived_ns: arrived.ok_or("the line has no time")?,
            duration,
            group: self.group_of(&reading),
            keep_alive: true,
        }))
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn name(&self) -> &'static str {
        self.server.log()
    }

    fn tolerance_ns(&self) -> i64 {
        // Lines are in the order of the answers, Apache's stamps in whole seconds.
        if self.server == Server::Apache && self.without == 0 {
            NANOS_PER_SECOND.cast_signed()
        } else {
            0
        }
    }

    fn end(&mut self) {
        if self.with == 0 && self.without > 0 && !self.duration_is_unsure {
            let why = "the format has no request time: durations are empty";
            self.notes.push(why.into());
        } else if self.with > 0 && self.without > 0 {
            self.notes
                .push(format!("{} without a request time", self.without));
        }
        if self.no_requests > 0 {
            self.notes.push(format!(
                "{} lines tell of a connection without a request (`-`): left out",
                self.no_requests
            ));
        }
    }
}

impl AccessLog {
    /// Why no format fits.
    fn unrecognised(&self, lines: &[&[u8]]) -> Vec<String> {
        let line = lines[0];
        let zone = self.declared.zone;
        let others = [Server::Apache, Server::Nginx, Server::Alb, Server::Elb];
        let fits = |format: &Template| lines.iter().any(|line| format.read(line, zone).is_ok());
        if let Some(other) = others
            .into_iter()
            .find(|it| known::all(*it).iter().any(fits))
        {
            let (log, command) = (other.log(), other.command());
            return vec![format!("is {log}: use `spsim import {command}`")];
        }
        let simplest = known::all(self.server).swap_remove(0);
        let why = simplest.read(line, zone).err().unwrap_or_default();
        vec![
            format!("fits no format that is known (as {}: {why})", simplest.name),
            "say `--log-format` with the `LogFormat` or `log_format` of the server's \
             configuration, or a name: `spsim help import`"
                .into(),
        ]
    }
}
