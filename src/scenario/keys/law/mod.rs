//! Laws of random durations.

mod rows;

pub(super) use self::rows::kind;
use self::rows::{MOST_PARTS, MOST_STAGES, laws, usage};
use super::key::{Form, Spot};
use super::kind::Kind;
use crate::model::Law;
use crate::scenario::context::Context;
use crate::scenario::diagnostic::Problems;
use crate::scenario::file::{Fields, only_kind};
use crate::scenario::read::Read;
use crate::scenario::tree::{Entry, Node, Value};
use crate::scenario::value::{self, Range, wrong_type};
use crate::scenario::words::{span, text};
use crate::units::SimSpan;
use alloc::string::String;
use alloc::vec::Vec;

/// The standard normal quantile at 0.99: what turns a median and a 99th percentile into sigma.
const Z_99: f64 = 2.326_347_874_040_840_8;

/// A law of random times.
pub(super) struct Laws;

/// A law of random times.
pub(super) const LAW: Laws = Laws;

impl Form for Laws {
    type Value = Law;

    fn kind(&self) -> Kind {
        Kind::Shared("law", kind)
    }

    fn read(&self, node: &Node, spot: &Spot<'_>, context: &mut Context<'_>) -> Option<Law> {
        law(node, spot.name, spot.path, context)
    }

    fn write(&self, law: &Law, path: &str, read: &Read) -> String {
        write(law, path, read)
    }
}

/// Reads a law: a time, or a table with one kind. `at` is its dotted path.
fn law(node: &Node, name: &str, at: &str, context: &mut Context<'_>) -> Option<Law> {
    if !matches!(node.value, Value::Table(_)) {
        return value::span(node, name, &mut context.problems).map(Law::Constant);
    }
    let laws = laws();
    let names: Vec<&str> = laws.iter().map(|law| law.name).collect();
    let fields = Fields::open(node, name, &names, &mut context.problems)?;
    let kind = only_kind(&fields, name, &names, &mut context.problems)?;
    match kind.key.as_str() {
        "hyperexponential" => hyperexponential(kind, &mut context.problems),
        "mixture" => mixture(kind, at, context),
        "empirical" => {
            let path = value::text(&kind.value, "empirical", &mut context.problems)?;
            let values = context.empirical(path, at, &kind.value)?;
            Some(Law::Empirical(values.into()))
        }
        name => {
            let law = laws.iter().find(|law| law.name == name)?;
            continuous(kind, &law.kind, &mut context.problems)
        }
    }
}

/// The laws whose parameters are in one table.
fn continuous(kind: &Entry, form: &Kind, problems: &mut Problems) -> Option<Law> {
    let fields = Fields::open(&kind.value, &kind.key, &form.names(), problems)?;
    let parameters = Parameters { fields, kind };
    parameters.go_together(form, problems)?;
    match kind.key.as_str() {
        "exponential" => {
            let mean = parameters.seconds_above_zero("mean", problems)?;
            Some(Law::Exponential { mean })
        }
        "uniform" => uniform(&parameters, problems),
        "normal" => {
            let mean = parameters.seconds("mean", problems);
            let sd = parameters.seconds("sd", problems);
            Some(Law::Normal {
                mean: mean?,
                sd: sd?,
            })
        }
        "lognormal" => lognormal(&parameters, problems),
        "gamma" => gamma(&parameters, problems),
        "erlang" => {
            let k = parameters.require("k", problems);
            let k = k.and_then(|node| value::count(node, "k", 1, MOST_STAGES, problems));
            let mean = parameters.seconds_above_zero("mean", problems);
            let shape = k? as f64;
            let scale = mean? / shape;
            Some(Law::Gamma { shape, scale })
        }
        kind => {
            let shape = parameters.shape(problems);
            let scale = parameters.seconds_above_zero("scale", problems);
            let (shape, scale) = (shape?, scale?);
            Some(if kind == "weibull" {
                Law::Weibull { shape, scale }
            } else {
                Law::Pareto { scale, shape }
            })
        }
    }
}

/// The table of a law's parameters.
struct Parameters<'a> {
    fields: Fields<'a>,
    kind: &'a Entry,
}

impl<'a> Parameters<'a> {
    fn has(&self, key: &str) -> bool {
        self.fields.get(key).is_some()
    }

    /// Where a law may be given in several ways, its parameters are those of one of them.
    fn go_together(&self, form: &Kind, problems: &mut Problems) -> Option<()> {
        let Kind::Either(ways) = form else {
            return Some(());
        };
        let found: Vec<&str> = form.names().into_iter().filter(|it| self.has(it)).collect();
        let fits = |way: &Kind| {
            let names = way.names();
            found.iter().all(|it| names.contains(it))
        };
        if ways.iter().any(fits) {
            return Some(());
        }
        let message = format!("`{}` do not go together", found.join("` and `"));
        let help = format!("give those of one way: {}", usage(&self.kind.key));
        problems.error(self.fields.place(), message).help(help);
        None
    }

    fn require(&self, key: &str, problems: &mut Problems) -> Option<&'a Node> {
        let help = format!("laws and their parameters: {}", usage(&self.kind.key));
        self.fields.require(key, &self.kind.key, &help, problems)
    }

    fn seconds(&self, key: &str, problems: &mut Problems) -> Option<f64> {
        let node = self.require(key, problems)?;
        value::span(node, key, problems).map(SimSpan::as_seconds)
    }

    fn seconds_above_zero(&self, key: &str, problems: &mut Problems) -> Option<f64> {
        let node = self.require(key, problems)?;
        value::span_above_zero(node, key, problems).map(SimSpan::as_seconds)
    }

    fn shape(&self, problems: &mut Problems) -> Option<f64> {
        let node = self.require("shape", problems)?;
        value::number(node, "shape", Range::Shape, problems)
    }
}

fn uniform(parameters: &Parameters<'_>, problems: &mut Problems) -> Option<Law> {
    let low = parameters.seconds("low", problems);
    let high = parameters.seconds("high", problems);
    let (low, high) = (low?, high?);
    if low > high {
        let place = parameters.fields.place();
        problems
            .error(place, "`low` must not be above `high`")
            .help("exchange them");
        return None;
    }
    Some(Law::Uniform { low, high })
}

fn lognormal(parameters: &Parameters<'_>, problems: &mut Problems) -> Option<Law> {
    if parameters.has("mu") || parameters.has("sigma") {
        let mu = parameters.require("mu", problems);
        let mu = mu.and_then(|node| value::number(node, "mu", Range::Finite, problems));
        let sigma = parameters.require("sigma", problems);
        let sigma =
            sigma.and_then(|node| value::number(node, "sigma", Range::NotNegative, problems));
        return Some(Law::Lognormal {
            mu: mu?,
            sigma: sigma?,
        });
    }
    if parameters.has("mean") || parameters.has("sd") {
        let mean = parameters.seconds_above_zero("mean", problems);
        let sd = parameters.seconds("sd", problems);
        let (mean, sd) = (mean?, sd?);
        // mean = exp(mu + sigma²/2) and (sd/mean)² = exp(sigma²) - 1.
        let variance = libm::log1p((sd / mean) * (sd / mean));
        return Some(Law::Lognormal {
            mu: libm::log(mean) - variance / 2.0,
            sigma: libm::sqrt(variance),
        });
    }
    let median = parameters.seconds_above_zero("median", problems);
    let p99 = parameters.seconds_above_zero("p99", problems);
    let (median, p99) = (median?, p99?);
    if p99 < median {
        let place = parameters.fields.place();
        problems.error(place, "`p99` must not be below `median`");
        return None;
    }
    Some(Law::Lognormal {
        mu: libm::log(median),
        sigma: libm::log(p99 / median) / Z_99,
    })
}

fn gamma(parameters: &Parameters<'_>, problems: &mut Problems) -> Option<Law> {
    let shape = parameters.shape(problems);
    if parameters.has("scale") && !parameters.has("mean") {
        let scale = parameters.seconds_above_zero("scale", problems);
        return Some(Law::Gamma {
            shape: shape?,
            scale: scale?,
        });
    }
    let mean = parameters.seconds_above_zero("mean", problems);
    let shape = shape?;
    Some(Law::Gamma {
        shape,
        scale: mean? / shape,
    })
}

fn hyperexponential(kind: &Entry, problems: &mut Problems) -> Option<Law> {
    let items = parts(kind, problems)?;
    let mut weighted = Vec::new();
    for item in items {
        let fields = Fields::open(item, &kind.key, &["weight", "mean"], problems)?;
        let parameters = Parameters { fields, kind };
        let weight = weight(&parameters, problems);
        let mean = parameters.seconds_above_zero("mean", problems);
        weighted.push((weight?, Law::Exponential { mean: mean? }));
    }
    cumulative(weighted, kind, problems)
}

fn mixture(kind: &Entry, at: &str, context: &mut Context<'_>) -> Option<Law> {
    let items = parts(kind, &mut context.problems)?;
    let mut weighted = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let fields = Fields::open(item, &kind.key, &["weight", "law"], &mut context.problems)?;
        let parameters = Parameters { fields, kind };
        let weight = weight(&parameters, &mut context.problems);
        let node = parameters.require("law", &mut context.problems);
        let part = node.and_then(|node| law(node, "law", &format!("{at}.{index}"), context));
        weighted.push((weight?, part?));
    }
    cumulative(weighted, kind, &mut context.problems)
}

fn parts<'a>(kind: &'a Entry, problems: &mut Problems) -> Option<&'a [Node]> {
    let Value::List(items) = &kind.value.value else {
        let wanted = format!("a list: {}", usage(&kind.key));
        wrong_type(problems, &kind.key, &kind.value, &wanted);
        return None;
    };
    if items.is_empty() || items.len() > MOST_PARTS {
        let (name, found) = (&kind.key, items.len());
        let message = format!("`{name}` must have 1 to {MOST_PARTS} parts, found {found}");
        problems.error(&kind.value.place, message);
        return None;
    }
    Some(items)
}

fn weight(parameters: &Parameters<'_>, problems: &mut Problems) -> Option<f64> {
    let node = parameters.require("weight", problems)?;
    value::number(node, "weight", Range::Weight, problems)
}

/// Weights as the model wants them: cumulative, the last exactly 1. Rounded to twelve digits, so
/// that the resolved text can write the weights and read the same ones back.
fn cumulative(weighted: Vec<(f64, Law)>, kind: &Entry, problems: &mut Problems) -> Option<Law> {
    let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
    if total <= 0.0 {
        let message = format!("`{}` has no weight above 0", kind.key);
        problems.error(&kind.value.place, message);
        return None;
    }
    let last = weighted.len() - 1;
    let mut sum = 0.0;
    let part = |(index, (weight, law)): (usize, (f64, Law))| {
        sum += weight;
        let up_to = libm::rint(sum / total * 1e12) / 1e12;
        (if index == last { 1.0 } else { up_to }, law)
    };
    Some(Law::Mixture(
        weighted.into_iter().enumerate().map(part).collect(),
    ))
}
/// The path of the file that the key `at` names.
pub(super) fn path<'a>(read: &'a Read, at: &str) -> &'a str {
    let file = read.files.iter().find(|file| file.key == at);
    file.map_or("", |file| &file.path)
}

/// A law; `at` is the dotted path of the key that holds it.
fn write(law: &Law, at: &str, read: &Read) -> String {
    let seconds = |value: f64| span(SimSpan::from_seconds_rounded(value));
    let (kind, parameters) = match law {
        Law::Constant(value) => return span(*value),
        Law::Exponential { mean } => ("exponential", format!("mean = {}", seconds(*mean))),
        Law::Uniform { low, high } => (
            "uniform",
            format!("low = {}, high = {}", seconds(*low), seconds(*high)),
        ),
        Law::Normal { mean, sd } => (
            "normal",
            format!("mean = {}, sd = {}", seconds(*mean), seconds(*sd)),
        ),
        Law::Lognormal { mu, sigma } => ("lognormal", format!("mu = {mu}, sigma = {sigma}")),
        Law::Gamma { shape, scale } => (
            "gamma",
            format!("shape = {shape}, mean = {}", seconds(shape * scale)),
        ),
        Law::Weibull { shape, scale } => (
            "weibull",
            format!("shape = {shape}, scale = {}", seconds(*scale)),
        ),
        Law::Pareto { scale, shape } => (
            "pareto",
            format!("shape = {shape}, scale = {}", seconds(*scale)),
        ),
        Law::Mixture(parts) => return write_mixture(parts, at, read),
        Law::Empirical(_) => {
            return format!("{{ empirical = {} }}", text(path(read, at)));
        }
    };
    format!("{{ {kind} = {{ {parameters} }} }}")
}

fn write_mixture(parts: &[(f64, Law)], at: &str, read: &Read) -> String {
    let mut below = 0.0;
    let mut shown = Vec::new();
    for (index, (up_to, law)) in parts.iter().enumerate() {
        // Twelve digits: a weight read back and normalised again is written the same.
        let weight = libm::rint((up_to - below) * 1e12) / 1e12;
        below = *up_to;
        let law = write(law, &format!("{at}.{index}"), read);
        shown.push(format!("{{ weight = {weight}, law = {law} }}"));
    }
    format!("{{ mixture = [{}] }}", shown.join(", "))
}
