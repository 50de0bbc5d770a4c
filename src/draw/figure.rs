//! A picture of any kind, before it is drawn.

use super::{GridPlot, LinePlot, StackPlot, Words};

/// A picture of any kind, as data.
#[derive(Clone, PartialEq, Debug)]
pub enum Figure {
    /// Lines over one axis.
    Lines(LinePlot),
    /// Layers on top of each other.
    Stacks(StackPlot),
    /// Cells over two axes.
    Grid(GridPlot),
}

impl Figure {
    /// The picture, `width` pixels wide.
    pub fn svg(&self, width: f64) -> String {
        match self {
            Figure::Lines(plot) => plot.svg(width),
            Figure::Stacks(plot) => plot.svg(width),
            Figure::Grid(plot) => plot.svg(width),
        }
    }

    /// What is written around it, to be changed.
    pub const fn words_mut(&mut self) -> &mut Words {
        match self {
            Figure::Lines(plot) => &mut plot.words,
            Figure::Stacks(plot) => &mut plot.words,
            Figure::Grid(plot) => &mut plot.words,
        }
    }
}
