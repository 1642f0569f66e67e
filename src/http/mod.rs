//! The HTTP door: API, web app, events, chat over Socket.IO.
