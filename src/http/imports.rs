//! Histories of other programs, brought by an administrator: read first, loaded when they say so.
//!
//! One import at a time is open: it is being read, waits for its word, or is being loaded. What is
//! known of imports lives as long as the process; what they loaded stays.

mod lines;

pub use lines::{Lines, read};

use crate::domain::{Code, Refusal, Timestamp};
use crate::imports::Report;
use crate::ops::import::{ImportFile, Survey};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use utoipa::ToSchema;

/// Imports that are remembered.
const REMEMBERED: usize = 50;

/// What is told of an import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Import {
    pub id: u64,
    /// The file's name.
    pub file: String,
    pub format: String,
    pub state: ImportState,
    pub started_at: Timestamp,
    /// How much of what it does is done, from 0 to 1; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// What is in the file: messages, replies, reactions, pins, rooms, users, files; of lines those
    /// that are `repeated` and `bad`.
    pub counts: BTreeMap<String, u64>,
    /// What has no place here.
    pub lost: Vec<Loss>,
    /// The first bad lines.
    pub bad_lines: Vec<BadLine>,
    /// What came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loaded: Option<Came>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// The file is looked through; nothing is loaded.
    Reading,
    /// Waits for `run`.
    Ready,
    Loading,
    Done,
    Failed,
    Cancelled,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Loss {
    pub what: String,
    pub count: u64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BadLine {
    /// Counted from 1.
    pub number: u64,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Came {
    pub created: u64,
    /// There already, or twice in the file.
    pub repeated: u64,
    /// Bad lines that were left out.
    pub skipped: u64,
}

/// The imports of one process. Clones are the same.
#[derive(Clone, Default)]
pub struct Imports(Arc<Mutex<VecDeque<Job>>>);

struct Job {
    shown: Import,
    course: Course,
    /// What `run` loads.
    lines: Option<Arc<Lines>>,
}

/// How far it is, and whether it is to go on. Clones are the same.
#[derive(Clone, Default)]
pub struct Course {
    is_cancelled: Arc<AtomicBool>,
    done_bytes: Arc<Mutex<Arc<AtomicU64>>>,
    all_bytes: Arc<AtomicU64>,
}

impl Imports {
    /// Newest first.
    pub fn all(&self) -> Vec<Import> {
        self.0.lock().iter().rev().map(Job::view).collect()
    }

    pub fn find(&self, id: u64) -> Result<Import, Refusal> {
        let jobs = self.0.lock();
        let job = jobs.iter().find(|job| job.shown.id == id);
        job.map(Job::view).ok_or_else(no_import)
    }

    /// A new one, if no other is open.
    pub fn begin(
        &self,
        file: String,
        format: &str,
        now: Timestamp,
    ) -> Result<(Import, Course), Refusal> {
        let mut jobs = self.0.lock();
        if jobs.iter().any(Job::is_open) {
            return Err(Refusal::new(
                Code::Conflict,
                "Another import is open; finish it or give it up first.",
            ));
        }
        let id = jobs.back().map_or(0, |job| job.shown.id) + 1;
        let shown = Import {
            id,
            file,
            format: format.to_owned(),
            state: ImportState::Reading,
            started_at: now,
            progress: None,
            counts: BTreeMap::new(),
            lost: Vec::new(),
            bad_lines: Vec::new(),
            loaded: None,
            problem: None,
        };
        let course = Course::default();
        if jobs.len() == REMEMBERED {
            jobs.pop_front();
        }
        jobs.push_back(Job {
            shown: shown.clone(),
            course: course.clone(),
            lines: None,
        });
        Ok((shown, course))
    }

    /// It was read: what it holds, or why it cannot be used.
    pub fn was_read(&self, id: u64, read: Result<(Lines, Report, Survey), String>) {
        self.with(id, |job| match read {
            _ if job.course.is_cancelled() => job.shown.state = ImportState::Cancelled,
            Ok((lines, report, survey)) => {
                job.shown.state = ImportState::Ready;
                job.shown.counts = lines::counts(&report, &survey);
                job.shown.lost = lines::losses(&report, &survey);
                job.shown.bad_lines = lines::bad_lines(survey);
                job.lines = Some(Arc::new(lines));
            }
            Err(problem) => {
                job.shown.state = ImportState::Failed;
                job.shown.problem = Some(problem);
            }
        });
    }

    /// From now on it is loaded; gives its lines.
    pub fn load(
        &self,
        id: u64,
        skip_bad_lines: bool,
    ) -> Result<(Import, Arc<Lines>, Course), Refusal> {
        let mut jobs = self.0.lock();
        let job = jobs.iter_mut().find(|job| job.shown.id == id);
        let job = job.ok_or_else(no_import)?;
        if job.shown.state != ImportState::Ready {
            return Err(Refusal::new(
                Code::Conflict,
                "This import does not wait for its word.",
            ));
        }
        if !job.shown.bad_lines.is_empty() && !skip_bad_lines {
            return Err(Refusal::invalid(
                "skip_bad_lines",
                "The file has bad lines; mend them, or load the good ones with `skip_bad_lines`.",
            ));
        }
        let lines = job.lines.clone().ok_or_else(no_import)?;
        job.shown.state = ImportState::Loading;
        Ok((job.view(), lines, job.course.clone()))
    }

    /// It was loaded, or broke off; what came until then stays.
    pub fn was_loaded(&self, id: u64, loaded: Result<Came, String>) {
        self.with(id, |job| {
            job.lines = None;
            match loaded {
                Ok(came) => {
                    job.shown.state = ImportState::Done;
                    job.shown.loaded = Some(came);
                }
                Err(_) if job.course.is_cancelled() => job.shown.state = ImportState::Cancelled,
                Err(problem) => {
                    job.shown.state = ImportState::Failed;
                    job.shown.problem = Some(problem);
                }
            }
        });
    }

    /// Stops it at the next piece, or takes back what waits.
    pub fn cancel(&self, id: u64) -> Result<(), Refusal> {
        let mut jobs = self.0.lock();
        let job = jobs.iter_mut().find(|job| job.shown.id == id);
        let job = job.ok_or_else(no_import)?;
        job.course.is_cancelled.store(true, Ordering::Relaxed);
        if job.shown.state == ImportState::Ready {
            job.shown.state = ImportState::Cancelled;
            job.lines = None;
        }
        Ok(())
    }

    fn with(&self, id: u64, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.0.lock().iter_mut().find(|job| job.shown.id == id) {
            change(job);
        }
    }
}

impl Job {
    fn is_open(&self) -> bool {
        use ImportState::{Loading, Reading, Ready};
        matches!(self.shown.state, Reading | Ready | Loading)
    }

    fn view(&self) -> Import {
        let is_moving = matches!(
            self.shown.state,
            ImportState::Reading | ImportState::Loading
        );
        Import {
            progress: is_moving.then(|| self.course.progress()).flatten(),
            ..self.shown.clone()
        }
    }
}

impl Course {
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    /// From now on it is this source that is gone through.
    fn follow(&self, source: &ImportFile) {
        *self.done_bytes.lock() = source.consumed_bytes();
        self.all_bytes.store(source.size_bytes(), Ordering::Relaxed);
    }

    fn progress(&self) -> Option<f64> {
        let all = self.all_bytes.load(Ordering::Relaxed);
        let done = self.done_bytes.lock().load(Ordering::Relaxed);
        (all > 0).then(|| (done as f64 / all as f64).min(1.0))
    }
}

fn no_import() -> Refusal {
    Refusal::not_found("import")
}
