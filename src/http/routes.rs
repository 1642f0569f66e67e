//! Every call of the API on one screen, with selection it needs. What is not here is not served.

use super::{
    api::{
        audit, avatars, direct, events, export, files, health, invites, jwks, me, members,
        messages, pins, reactions, reads, reports, resets, retention, rooms, saved, search, server,
        sessions, signup, suggest, threads, unsent, uploads, users,
    },
    docs,
    guard::Need::{Admin, Anyone, User},
    route::Route,
};
use axum::http::Method;

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// The list. Method, path, guard, handler, what it does.
#[rustfmt::skip]
pub fn list() -> Vec<Route> {
    vec![
        Route::new(GET,   "/healthz",                                           Anyone, health::alive,          "Whether the process answers"),
        Route::new(GET,   "/readyz",                                            Anyone, health::ready,          "Whether writes are taken"),
        Route::new(GET,   "/.well-known/jwks.json",                             Anyone, jwks::show,             "The public keys that tokens are signed with, where keys are asymmetric"),
        Route::new(GET,   "/api/openapi.json",                                  Anyone, docs::document,         "This document"),
        Route::new(GET,   "/api/docs",                                          Anyone, docs::page,             "The page that shows this document"),
        Route::new(GET,   "/api/docs/{file}",                                   Anyone, docs::file,             "A part of that page"),

        Route::new(GET,   "/api/v1/server",                                     Anyone, server::show,           "What a client has to know before anybody signs in"),
        Route::new(POST,  "/api/v1/signup",                                     Anyone, signup::sign_up,        "Makes an account and signs in"),
        Route::new(POST,  "/api/v1/login",                                      Anyone, sessions::log_in,       "Signs in"),
        Route::new(POST,  "/api/v1/logout",                                     User,   sessions::log_out,      "Ends this session"),
        Route::new(GET,   "/api/v1/session",                                    Anyone, sessions::current,      "Who is signed in, if anybody is"),
        Route::new(POST,  "/api/v1/reports",                                    Anyone, reports::receive,       "Takes what browsers report of broken security policies"),
        Route::new(GET,   "/api/v1/sessions",                                   User,   sessions::list,         "The caller's sessions"),
        Route::new(DELETE,"/api/v1/sessions",                                   User,   sessions::end_all,      "Ends all sessions of the caller, this one too"),
        Route::new(DELETE,"/api/v1/sessions/{id}",                              User,   sessions::end,          "Ends one session of the caller"),

        Route::new(GET,   "/api/v1/me",                                         User,   me::show,               "Who the caller is"),
        Route::new(PATCH, "/api/v1/me",                                         User,   me::change,             "Changes the caller's display name or password"),
        Route::new(GET,   "/api/v1/me/settings",                                User,   me::settings,           "What the web app keeps with the account"),
        Route::new(PATCH, "/api/v1/me/settings",                                User,   me::change_settings,    "Changes some of it, as a JSON merge patch"),
        Route::new(GET,   "/api/v1/me/export",                                  User,   export::export,         "Everything of the caller: account, settings, sessions, rooms, messages").slow(),
        Route::new(PUT,   "/api/v1/me/status",                                  User,   me::set_status,         "Says what the caller is up to"),
        Route::new(PUT,   "/api/v1/me/avatar",                                  User,   avatars::set,           "Sets the caller's picture, sent as a form or as it is").slow(),
        Route::new(DELETE,"/api/v1/me/avatar",                                  User,   avatars::remove,        "Takes the caller's picture away"),
        Route::new(GET,   "/api/v1/users/{id}/avatar",                          User,   avatars::show,          "Somebody's picture"),
        Route::new(GET,   "/api/v1/me/drafts",                                  User,   unsent::drafts,         "What the caller began to write"),
        Route::new(PUT,   "/api/v1/me/drafts",                                  User,   unsent::keep_draft,     "Keeps what the caller began to write in a room or thread"),
        Route::new(GET,   "/api/v1/scheduled",                                  User,   unsent::all,            "Messages of the caller that wait for their time"),
        Route::new(PATCH, "/api/v1/scheduled/{id}",                             User,   unsent::change,         "Changes the text or the time of one"),
        Route::new(DELETE,"/api/v1/scheduled/{id}",                             User,   unsent::cancel,         "Gives one up"),
        Route::new(POST,  "/api/v1/scheduled/{id}/send",                        User,   unsent::send_now,       "Sends one now"),
        Route::new(GET,   "/api/v1/rooms/{id}/scheduled",                       User,   unsent::of_room,        "Those of a room"),
        Route::new(POST,  "/api/v1/rooms/{id}/scheduled",                       User,   unsent::schedule,       "Sends a message later"),
        Route::new(GET,   "/api/v1/users",                                      User,   users::list,            "Everybody, a page at a time, or whoever is meant by a name"),
        Route::new(GET,   "/api/v1/users/{id}",                                 User,   users::show,            "Somebody"),
        Route::new(PATCH, "/api/v1/users/{id}",                                 Admin,  users::change,          "Changes somebody's role, or disables the account"),
        Route::new(POST,  "/api/v1/users/{id}/password",                        Admin,  users::set_password,    "Sets somebody's password and ends their sessions"),
        Route::new(GET,   "/api/v1/invites",                                    Admin,  invites::list,          "Invitations that can still be used"),
        Route::new(POST,  "/api/v1/invites",                                    Admin,  invites::create,        "Makes an invitation; its token is shown only here"),
        Route::new(DELETE,"/api/v1/invites/{id}",                               Admin,  invites::revoke,        "Takes an invitation back"),

        Route::new(POST,  "/api/v1/users/{id}/reset",                           Admin,  resets::create,         "Makes a link by which somebody sets a new password, once; shown only here"),
        Route::new(POST,  "/api/v1/reset",                                      Anyone, resets::redeem,         "Sets a new password by such a link"),
        Route::new(GET,   "/api/v1/admin/audit",                                Admin,  audit::list,            "Who did what of what concerns administrators and security, the newest first"),
        Route::new(GET,   "/api/v1/admin/retention",                            Admin,  retention::of_all,      "What the next daily run would remove; changes nothing"),
        Route::new(GET,   "/api/v1/rooms/{id}/retention",                       User,   retention::of_room,     "What the room would let go; changes nothing"),

        Route::new(GET,   "/api/v1/rooms",                                      User,   rooms::list,            "The rooms that the caller is in"),
        Route::new(GET,   "/api/v1/rooms/directory",                            User,   rooms::directory,       "Public rooms by name, a page at a time"),
        Route::new(POST,  "/api/v1/rooms",                                      User,   rooms::create,          "Makes a room; the caller owns it"),
        Route::new(GET,   "/api/v1/rooms/{id}",                                 User,   rooms::show,            "A room"),
        Route::new(PATCH, "/api/v1/rooms/{id}",                                 User,   rooms::change,          "Renames a room or changes its topic"),
        Route::new(DELETE,"/api/v1/rooms/{id}",                                 User,   rooms::remove,          "Deletes a room with all that is in it"),
        Route::new(POST,  "/api/v1/rooms/{id}/join",                            User,   rooms::join,            "Enters a public room"),
        Route::new(POST,  "/api/v1/rooms/{id}/leave",                           User,   rooms::leave,           "Leaves a room"),
        Route::new(PUT,   "/api/v1/rooms/{id}/notifications",                   User,   rooms::notifications,   "What the caller wants to be told of a room"),
        Route::new(GET,   "/api/v1/rooms/{id}/pins",                            User,   pins::list,             "What is pinned in a room"),
        Route::new(GET,   "/api/v1/rooms/{id}/members",                         User,   members::list,          "Who is in a room, a page at a time"),
        Route::new(POST,  "/api/v1/rooms/{id}/members",                         User,   members::add,           "Adds people to a room; answers with the first page of members"),
        Route::new(DELETE,"/api/v1/rooms/{id}/members/{user_id}",               User,   members::remove,        "Removes somebody from a room"),
        Route::new(POST,  "/api/v1/direct",                                     User,   direct::open,           "The direct room of the caller and these people, made where it is missing"),

        Route::new(GET,   "/api/v1/rooms/{id}/messages",                        User,   messages::page,         "A page of a room's history; the newest where nothing else is asked"),
        Route::new(POST,  "/api/v1/rooms/{id}/messages",                        User,   messages::post,         "Says something; answered when it is durable"),
        Route::new(POST,  "/api/v1/rooms/{id}/read",                            User,   reads::mark,            "Marks everything up to a message as read"),
        Route::new(POST,  "/api/v1/rooms/{id}/unread",                          User,   reads::mark_unread,     "Marks a message and what follows as unread"),
        Route::new(GET,   "/api/v1/messages/{id}",                              User,   messages::show,         "A message"),
        Route::new(PATCH, "/api/v1/messages/{id}",                              User,   messages::change,       "Edits a message; only its author may"),
        Route::new(DELETE,"/api/v1/messages/{id}",                              User,   messages::remove,       "Deletes a message; its place stays"),
        Route::new(PUT,   "/api/v1/messages/{id}/reactions/{emoji}",            User,   reactions::add,         "Reacts to a message"),
        Route::new(DELETE,"/api/v1/messages/{id}/reactions/{emoji}",            User,   reactions::remove,      "Takes a reaction back"),
        Route::new(PUT,   "/api/v1/messages/{id}/pin",                          User,   pins::add,              "Pins a message"),
        Route::new(DELETE,"/api/v1/messages/{id}/pin",                          User,   pins::remove,           "Unpins a message"),
        Route::new(GET,   "/api/v1/messages/{id}/thread",                       User,   threads::show,          "A page of the thread that a message belongs to"),
        Route::new(POST,  "/api/v1/messages/{id}/thread/read",                  User,   threads::read,          "Marks a thread as read up to a reply"),
        Route::new(PUT,   "/api/v1/messages/{id}/follow",                       User,   threads::follow,        "Follows the thread of a message"),
        Route::new(DELETE,"/api/v1/messages/{id}/follow",                       User,   threads::unfollow,      "Lets the thread of a message go"),
        Route::new(GET,   "/api/v1/threads",                                    User,   threads::followed,      "Threads that the caller follows"),
        Route::new(PUT,   "/api/v1/messages/{id}/save",                         User,   saved::save,            "Saves a message for the caller"),
        Route::new(DELETE,"/api/v1/messages/{id}/save",                         User,   saved::unsave,          "Takes it from what is saved"),
        Route::new(GET,   "/api/v1/saved",                                      User,   saved::list,            "What the caller saved"),
        Route::new(GET,   "/api/v1/mentions",                                   User,   saved::mentions,        "Messages that name the caller"),

        Route::new(POST,  "/api/v1/files",                                  User,   uploads::upload,          "Keeps a file, sent as a form; seen by nobody else until a message carries it").slow(),
        Route::new(GET,   "/api/v1/files/{id}",                             User,   files::show,            "A file's content, whole or a part of it").slow(),
        Route::new(DELETE,"/api/v1/files/{id}",                             User,   files::remove,          "Takes back a file that no message carries"),
        Route::new(GET,   "/api/v1/files/{id}/thumbnail",                   User,   files::thumbnail,       "A small picture of a picture"),
        Route::new(GET,   "/api/v1/rooms/{id}/files",                       User,   files::of_room,         "What was shared in a room, the newest first"),
        Route::new(POST,  "/api/v1/uploads",                                User,   uploads::begin,           "Begins an upload in pieces"),
        Route::new(GET,   "/api/v1/uploads/{id}",                           User,   uploads::progress,        "How far an upload has come"),
        Route::new(PATCH, "/api/v1/uploads/{id}",                           User,   uploads::go_on,           "The next piece, from `Upload-Offset` on; the last one makes the file").slow(),
        Route::new(DELETE,"/api/v1/uploads/{id}",                           User,   uploads::give_up,         "Gives an upload up"),
        Route::new(GET,   "/api/v1/search",                                     User,   search::find,           "Finds messages that the caller may read"),
        Route::new(GET,   "/api/v1/search/suggest",                             User,   suggest::complete,      "What the caller may be about to search for"),
        Route::new(GET,   "/api/v1/events",                                     User,   events::listen,         "The caller's events after a position, then live"),
    ]
}
