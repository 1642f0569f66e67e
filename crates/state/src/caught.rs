//! redb panics over some pages that are not as it wrote them. Here that is an outcome like others,
//! without a trace: whoever asked says in a sentence what is damaged.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Within so many calls of [`caught`].
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// What the work gives; `None` if it panicked.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    // A thread that panics must not change what panics do.
    if !HOOK.is_completed() && !std::thread::panicking() {
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                if DEPTH.get() == 0 {
                    before(info);
                }
            }));
        });
    }
    DEPTH.set(DEPTH.get() + 1);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_nothing_and_the_depth_comes_back() {
        assert_eq!(caught(|| 1), Some(1));
        let nested = caught(|| {
            assert_eq!(caught::<()>(|| panic!("within")), None);
            assert_eq!(DEPTH.get(), 1);
            2
        });
        assert_eq!((nested, DEPTH.get()), (Some(2), 0));
    }
}
