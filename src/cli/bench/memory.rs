//! What a process on this machine holds.
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

#[derive(Debug, Clone, Copy)]
pub struct Process(u32);

impl Process {
    /// `None` when there is no such process or it cannot be read.
    pub fn new(pid: u32) -> Option<Self> {
        let process = Self(pid);
        process.resident_bytes().map(|_| process)
    }

    /// The one that listens at an address of this machine.
    pub fn listening_on(address: SocketAddr) -> Option<Self> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
        let socket = tables
            .iter()
            .find_map(|table| listener(&fs::read_to_string(table).ok()?, address.port()))?;
        let wanted = format!("socket:[{socket}]");
        fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            holds(&entry.path(), &wanted).then_some(Self(pid))
        })
    }

    /// Memory resident now.
    pub fn resident_bytes(self) -> Option<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0)).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }
}

/// The inode of the socket that listens on a port, from a table of `/proc/net`.
fn listener(table: &str, port: u16) -> Option<u64> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace();
        let (_, here) = fields.nth(1)?.rsplit_once(':')?;
        let listens = fields.nth(1)? == "0A";
        (listens && u16::from_str_radix(here, 16) == Ok(port))
            .then(|| fields.nth(5)?.parse().ok())?
    })
}

fn holds(process: &Path, wanted: &str) -> bool {
    fs::read_dir(process.join("fd")).is_ok_and(|mut files| {
        files.any(|file| {
            file.and_then(|file| fs::read_link(file.path()))
                .is_ok_and(|link| link.as_os_str() == wanted)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_by_its_port() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let found = Process::listening_on(listener.local_addr().unwrap()).unwrap();
        assert_eq!(found.0, std::process::id());
        assert!(found.resident_bytes().unwrap() > 100_000);
    }
}
