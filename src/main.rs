use mimalloc::MiMalloc;
use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::{self, NonNull};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// Blocks from here on come from the system and go back to it at once. A password takes one of
/// 19 MiB for some milliseconds, and what waits for clients that do not read grows and goes in such
/// blocks; an allocator that keeps them for later doubles what the server takes.
const LARGE_BYTES: usize = 4 << 20;

/// mimalloc for everything else.
struct Allocator;

/// Mappings are aligned to pages, and nothing large wants more.
fn is_mapped(layout: Layout) -> bool {
    layout.size() >= LARGE_BYTES && layout.align() <= 4096
}

// SAFETY: which of the two a block belongs to follows from its layout alone, which the caller gives
// with every call. Fresh mappings are zero, aligned to pages, and nobody else's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_mapped(layout) {
            let both = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: a new private mapping at an address of the kernel's choice.
            let block =
                unsafe { mmap_anonymous(ptr::null_mut(), layout.size(), both, MapFlags::PRIVATE) };
            return block.map_or(ptr::null_mut(), |block| block.cast());
        }
        // SAFETY: as the caller has it.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_mapped(layout) {
            // SAFETY: the whole of a mapping that `alloc` made.
            let _ = unsafe { munmap(block.cast(), layout.size()) };
        } else {
            // SAFETY: as the caller has it.
            unsafe { MiMalloc.dealloc(block, layout) }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_mapped(layout) {
            // SAFETY: as the caller has it; a mapping is zero.
            unsafe { self.alloc(layout) }
        } else {
            // SAFETY: as the caller has it.
            unsafe { MiMalloc.alloc_zeroed(layout) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps `size` within the bounds of a layout.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        if !is_mapped(layout) && !is_mapped(wanted) {
            // SAFETY: as the caller has it.
            return unsafe { MiMalloc.realloc(block, layout, size) };
        }
        if is_mapped(layout) && is_mapped(wanted) {
            // SAFETY: the whole of a mapping that `alloc` made; its pages move, and nothing is copied.
            let moved = unsafe { mremap(block.cast(), layout.size(), size, MremapFlags::MAYMOVE) };
            return moved.map_or(ptr::null_mut(), |block| block.cast());
        }
        // SAFETY: the new block is another one, and both hold the shorter length.
        unsafe {
            let Some(moved) = NonNull::new(self.alloc(wanted)) else {
                return ptr::null_mut();
            };
            ptr::copy_nonoverlapping(block, moved.as_ptr(), layout.size().min(size));
            self.dealloc(block, layout);
            moved.as_ptr()
        }
    }
}

fn main() -> std::process::ExitCode {
    maru::cli::run()
}
