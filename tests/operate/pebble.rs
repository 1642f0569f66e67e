//! A server of ACME: Debian's `pebble`, with a DNS of its own in which every name leads here.

use crate::cli::run::Place;
use rcgen::{CertificateParams, KeyPair};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct Pebble {
    child: Child,
    pub directory: String,
    /// Where it looks.
    pub http_port: u16,
    pub tls_port: u16,
    config: String,
    dns: String,
    /// Whether names lead here.
    leads_here: Arc<AtomicBool>,
}

/// Requests in a hundred whose number it says was used up.
const NONCES_REFUSED: &str = "20";

/// A port that nobody has now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

impl Pebble {
    /// Its own certificate is `pebble.pem` in the place. What it gives is valid for so many seconds.
    pub fn start(place: &Place, valid_s: u64) -> Pebble {
        Pebble::start_with(place, valid_s, &[])
    }

    /// Accounts are bound to one of these, if there are any: numbers with their keys in base64.
    pub fn start_with(place: &Place, valid_s: u64, external: &[(&str, &str)]) -> Pebble {
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("a key");
        let cert = params.self_signed(&key).expect("signed");
        let key = place.file("pebble.key", &key.serialize_pem());
        let cert = place.file("pebble.pem", &cert.pem());
        let leads_here = Arc::new(AtomicBool::new(true));
        let (http_port, tls_port, port) = (free_port(), free_port(), free_port());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "certificate": cert,
            "privateKey": key,
            "httpPort": http_port,
            "tlsPort": tls_port,
            "certificateValidityPeriod": valid_s,
            "externalAccountBindingRequired": !external.is_empty(),
            "externalAccountMACKeys": external.iter().copied().collect::<std::collections::HashMap<_, _>>(),
        }});
        let config = place.file("pebble.json", &config.to_string());
        let config = config.to_str().expect("text").to_owned();
        let dns = dns(leads_here.clone());
        Pebble {
            child: run(&config, &dns),
            directory: format!("https://localhost:{port}/dir"),
            http_port,
            tls_port,
            config,
            dns,
            leads_here,
        }
    }

    pub fn lead(&self, here: bool) {
        self.leads_here.store(here, Ordering::Relaxed);
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// It has forgotten all accounts.
    pub fn start_again(&mut self) {
        self.stop();
        self.child = run(&self.config, &self.dns);
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns when it listens.
fn run(config: &str, dns: &str) -> Child {
    let mut child = Command::new("pebble")
        .args(["-config", config, "-dnsserver", dns])
        .env("PEBBLE_VA_NOSLEEP", "1")
        .env("PEBBLE_WFE_NONCEREJECT", NONCES_REFUSED)
        // What was shown once has to be shown again.
        .env("PEBBLE_AUTHZREUSE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("pebble is there: `make needs-pebble` installs it");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    while !line.contains("Listening on") {
        line.clear();
        assert!(out.read_line(&mut line).expect("text") > 0, "it listens");
    }
    std::thread::spawn(move || {
        // What it says is not read, but it may not wait for a reader.
        let _ = std::io::copy(&mut out, &mut std::io::sink());
    });
    child
}

/// Answers every question: an address by 127.0.0.1, everything else by nothing.
fn dns(leads_here: Arc<AtomicBool>) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        let mut packet = [0; 1500];
        while let Ok((len, from)) = socket.recv_from(&mut packet) {
            let Some(question) = packet
                .get(..len)
                .filter(|question| len > 12 && question[5] == 1)
            else {
                continue;
            };
            // The name ends with an empty label; type and class follow.
            let name = question[12..].iter().position(|byte| *byte == 0);
            let Some(end) = name.map(|at| 12 + at + 1) else {
                continue;
            };
            let is_a = question.get(end..end + 2) == Some(&[0, 1][..]);
            let found = is_a && leads_here.load(Ordering::Relaxed);
            let mut answer = vec![
                question[0],
                question[1],
                0x81,
                0x80,
                0,
                1,
                0,
                u8::from(found),
            ];
            answer.extend([0, 0, 0, 0]);
            answer.extend(&question[12..(end + 4).min(len)]);
            if found {
                // The name of the question, an address, for a second.
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    address
}
