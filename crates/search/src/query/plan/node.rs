//! A condition on a message, and how conditions are put together.

/// A condition on a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A word in this sense: as the analyser's senses have it, marks included.
    Sense(String),
    /// Words at these distances from the first one.
    Words(Vec<(u32, String)>),
    /// Two words, in this order, with at most so many others between them.
    Near(String, String, u32),
    Pair(String),
    /// Grams one after another.
    Grams(Vec<String>),
    /// A gram that begins with this letter.
    Letter(char),
    /// A word with these first consonants.
    Initials(String),
    All(Vec<Node>),
    /// At least so many of them; more are better.
    Most(Vec<Node>, usize),
    /// The best one counts.
    Any(Vec<Node>),
    /// The first must be; the others make it better.
    Better(Box<Node>, Vec<Node>),
    /// Counts by so much.
    Weighted(Box<Node>, f32),
}

impl Node {
    pub fn weighted(self, weight: f32) -> Node {
        Node::Weighted(Box::new(self), weight)
    }

    pub fn or(self, other: Node) -> Node {
        match self {
            Node::Any(mut nodes) => {
                nodes.push(other);
                Node::Any(nodes)
            }
            node => Node::Any(vec![node, other]),
        }
    }

    pub fn or_maybe(self, other: Option<Node>) -> Node {
        match other {
            Some(other) => self.or(other),
            None => self,
        }
    }

    pub fn better_with(self, others: Vec<Node>) -> Node {
        if others.is_empty() {
            return self;
        }
        Node::Better(Box::new(self), others)
    }
}

pub fn all(mut nodes: Vec<Node>) -> Option<Node> {
    match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ => Some(Node::All(nodes)),
    }
}
