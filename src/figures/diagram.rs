//! The article's picture: one ServicePoint, its groups, their connections, their ports.

use crate::draw::canvas::{Anchor, Canvas, Font, Point, Rect};
use crate::draw::frame::{self, Frame, Words};
use crate::draw::palette::{GRID, INK, LENS, QUIET};
use crate::net::snapshot::{ConnectionSnapshot, Owner, ServicePointSnapshot};
use crate::words::labels::{Diagram, Labels};
use crate::words::plain;

/// Groups that are drawn one by one.
const SHOWN: usize = 4;
const BOX: f64 = 40.0;
const PITCH: f64 = 54.0;

/// The picture, `width` pixels wide. `key` names the ServicePoint's endpoint; `in_time_wait` ports
/// are held without any connection.
pub(crate) fn svg(
    of: &ServicePointSnapshot,
    (key, in_time_wait): (&str, u64),
    around: &Words,
    (width, labels): (f64, &Labels),
) -> String {
    let words = &labels.diagram;
    let frame = Frame::of(around, width);
    let margin = frame::margin(width);
    let gap = width * 0.03;
    let column_width = (width - 2.0 * margin - 3.0 * gap) / 4.0;
    let top = frame.head() + 26.0;
    let shown = of.owners.len().min(SHOWN);
    let more = of.owners.len() - shown;
    let waits = in_time_wait > 0;
    let rows = shown + usize::from(more > 0) + usize::from(waits);
    let bottom = top + PITCH * rows.max(1) as f64;
    let mut canvas = Canvas::new(width, bottom + frame.foot());
    let left = |column: usize| margin + column as f64 * (column_width + gap);
    let heads = [
        words.service_point(),
        words.connection_group(),
        words.connection(),
        words.local_port(),
    ];
    for (column, name) in heads.iter().enumerate() {
        let font = Font::new(13.0, QUIET).bold();
        canvas.text_within((left(column), top - 12.0), font, name, column_width);
    }
    let linked = rows - usize::from(waits);
    let middle = top + (PITCH * linked.max(1) as f64 - (PITCH - BOX)) / 2.0;
    let mut links: Vec<(Point, Point)> = Vec::new();
    for row in 0..linked {
        let y = top + PITCH * row as f64 + BOX / 2.0;
        links.push(((left(0) + column_width, middle), (left(1), y)));
        if row < shown && !of.owners[row].connections.is_empty() {
            links.push(((left(1) + column_width, y), (left(2), y)));
            links.push(((left(2) + column_width, y), (left(3), y)));
        }
    }
    canvas.rules(&links, QUIET, 1.2);
    let groups = labels.groups(of.owners.len() as f64);
    labelled(
        &mut canvas,
        column_width,
        (left(0), middle - BOX / 2.0),
        key,
        &groups,
    );
    for (row, owner) in of.owners.iter().take(shown).enumerate() {
        let y = top + PITCH * row as f64;
        let name = match owner.owner {
            Owner::Group(name) => name.to_string(),
            Owner::SharedPool => words.shared_pool(),
            Owner::PrivateHandlers => words.private_handlers(),
        };
        let count = labels.connections(owner.connections.len() as f64);
        labelled(&mut canvas, column_width, (left(1), y), &name, &count);
        let Some(first) = owner.connections.first() else {
            continue;
        };
        let others = owner.connections.len() - 1;
        let beside = match others {
            0 => words.served(&first.view.served.to_string()),
            some => words.more_connections(&some.to_string()),
        };
        let number = words.connection_number(&first.view.serial.to_string());
        labelled(&mut canvas, column_width, (left(2), y), &number, &beside);
        let (port, state) = (port(first, words), state(first, labels));
        labelled(&mut canvas, column_width, (left(3), y), &port, &state);
    }
    if more > 0 {
        let y = top + PITCH * shown as f64;
        let groups = words.more_groups(&labels.count(more as f64));
        let connections: usize = of.owners[shown..]
            .iter()
            .map(|it| it.connections.len())
            .sum();
        let held = words.more_ports(&labels.ports(connections as f64));
        labelled(&mut canvas, column_width, (left(1), y), &groups, &held);
    }
    if waits {
        let y = top + PITCH * (rows - 1) as f64;
        let held = words.held(&labels.ports(in_time_wait as f64));
        let why = words.in_time_wait();
        canvas.rules(
            &[(
                (left(2) + column_width, y + BOX / 2.0),
                (left(3), y + BOX / 2.0),
            )],
            QUIET,
            1.2,
        );
        labelled(
            &mut canvas,
            column_width,
            (left(2), y),
            &words.closed(),
            &words.closed_before(),
        );
        labelled(&mut canvas, column_width, (left(3), y), &held, &why);
    }
    frame.draw(&mut canvas, bottom);
    canvas.finish("picture", &around.title, &around.description)
}

fn port(connection: &ConnectionSnapshot, words: &Diagram) -> String {
    match connection.state {
        Some(_) => words.port_number(&connection.view.port.to_string()),
        None => words.no_port(),
    }
}

fn state(connection: &ConnectionSnapshot, labels: &Labels) -> String {
    use crate::net::PortState;
    match connection.state {
        Some(PortState::Connecting) => labels.states.connecting(),
        Some(PortState::Busy) => labels.states.busy(),
        Some(PortState::Idle) => labels.diagram.kept_open(),
        Some(PortState::CloseWait) => labels.states.close_wait(),
        None => labels.diagram.closed(),
    }
}

/// A box with a name and a line below it.
fn labelled(canvas: &mut Canvas, width: f64, (left, top): Point, name: &str, below: &str) {
    let rect = |inset: f64| Rect {
        left: left + inset,
        top: top + inset,
        width: width - 2.0 * inset,
        height: BOX - 2.0 * inset,
    };
    canvas.rect(rect(0.0), GRID);
    canvas.rect(rect(1.2), LENS);
    let font = Font::new(12.5, INK).bold().anchored(Anchor::Middle);
    let (middle, most) = (left + width / 2.0, width - 12.0);
    canvas.text_within((middle, top + 17.0), font, &plain::line(name), most);
    let font = Font::new(11.5, QUIET).anchored(Anchor::Middle);
    canvas.text_within((middle, top + 32.0), font, below, most);
}
