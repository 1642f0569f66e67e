//! Builds what the binary embeds: the Korean dictionary and the web app.
mod dictionary;
mod web;

fn main() {
    println!("cargo::rerun-if-changed=build");
    dictionary::build();
    web::build();
}
