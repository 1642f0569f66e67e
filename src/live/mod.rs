//! Who hears what: the hub, catching up, presence.
