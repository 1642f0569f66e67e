//! What the node does when the cluster says so.

/// Looks at a payload.
pub type Accepts = dyn Fn(&[u8]) -> Result<(), String> + Send;

/// Called by the follower's thread; must be quick.
pub struct Hooks {
    /// The log's epoch is this one; also when it was before.
    pub epoch: Box<dyn Fn(u64) + Send>,
    /// Whether an entry is one that this version can apply; else why not, to follow "the entry".
    pub accepts: Box<Accepts>,
    /// This process cannot go on and has to be started again. May not return.
    pub leave: Box<dyn Fn(&str) + Send>,
}

impl Hooks {
    /// Nobody wants to know.
    pub fn none() -> Hooks {
        Hooks {
            epoch: Box::new(|_| {}),
            accepts: Box::new(|_| Ok(())),
            leave: Box::new(|_| {}),
        }
    }
}
