//! LATENCY: spikes are not collected; how long each command takes on average stands in INFO.

use super::super::super::call::Call;
use super::super::super::failure::{Answer, Failure};
use super::super::super::table::{ADMIN, Command, LOADING, NOSCRIPT, STALE};

const FLAGS: u32 = ADMIN | NOSCRIPT | LOADING | STALE;

pub const SUBCOMMANDS: &[Command] = &[
    Command::plain("doctor", 2, FLAGS, doctor).says("2.8.13", "Says that nothing is collected."),
    Command::plain("graph", 3, FLAGS, graph).says("2.8.13", "Spikes of one kind; none."),
    Command::plain("help", 2, LOADING | STALE, help).says("2.8.13", "What the subcommands do."),
    Command::plain("histogram", -2, FLAGS, histogram)
        .says("7.0.0", "How long commands took; not collected here."),
    Command::plain("history", 3, FLAGS, nothing).says("2.8.13", "Spikes of one kind; none."),
    Command::plain("latest", 2, FLAGS, nothing).says("2.8.13", "The last spikes; none."),
    Command::plain("reset", -2, FLAGS, reset).says("2.8.13", "Forgets the spikes."),
];

fn nothing(call: &mut Call<'_>) -> Answer {
    call.out.array(0);
    Ok(())
}

fn histogram(call: &mut Call<'_>) -> Answer {
    call.out.map(0);
    Ok(())
}

fn reset(call: &mut Call<'_>) -> Answer {
    call.out.integer(0);
    Ok(())
}

fn doctor(call: &mut Call<'_>) -> Answer {
    call.out.verbatim(
        "txt",
        "Latency spikes are not collected here. SLOWLOG has the slow commands, INFO commandstats what each takes.\n",
    );
    Ok(())
}

fn graph(call: &mut Call<'_>) -> Answer {
    Err(Failure::of(format!(
        "ERR No samples available for event '{}'",
        String::from_utf8_lossy(call.args[2])
    )))
}

fn help(call: &mut Call<'_>) -> Answer {
    super::super::help_of(call, "LATENCY", SUBCOMMANDS)
}
