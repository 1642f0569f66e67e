//! What a handler is: an async function whose parameters are [`Part`]s of the request and whose
//! result is an [`Answer`]. Both describe themselves, so the API's document cannot drift from it.

use super::problem::IntoResponse as _;
use super::{app::App, body::Body, guard::Caller, openapi::Doc};
use crate::domain::Refusal;
use axum::{http::request, response::Response};
use std::net::IpAddr;

/// A request that passed its route's guard.
pub struct Call {
    pub app: App,
    pub parts: request::Parts,
    /// The values of the path's `{…}`, in order, decoded.
    pub path: Vec<String>,
    /// How many of them were taken.
    pub taken: usize,
    pub body: Body,
    /// Present on every route that needs somebody.
    pub caller: Option<Caller>,
    /// Where the request comes from.
    pub peer: IpAddr,
}

/// Something that a handler wants of the request.
pub trait Part: Sized + Send {
    /// Adds what it is to the route's description.
    fn describe(doc: &mut Doc);
    fn take(call: &mut Call) -> impl Future<Output = Result<Self, Refusal>> + Send;
}

/// What a handler gives back.
pub trait Answer: Send {
    fn describe(doc: &mut Doc);
    fn answer(self) -> Response;
}

/// An async function over parts. Implemented by the functions themselves.
pub trait Handler<Parts>: Clone + Send + Sync + 'static {
    fn describe(doc: &mut Doc);
    fn call(&self, call: Call) -> impl Future<Output = Response> + Send;
}

macro_rules! handlers {
    ($($part:ident)*) => {
        impl<F, Fut, A, $($part,)*> Handler<($($part,)*)> for F
        where
            F: Fn($($part),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Result<A, Refusal>> + Send,
            A: Answer,
            $($part: Part,)*
        {
            fn describe(doc: &mut Doc) {
                $($part::describe(doc);)*
                A::describe(doc);
            }

            #[expect(non_snake_case, reason = "the parts' types name the variables, too")]
            async fn call(&self, #[allow(unused_mut, unused_variables)] mut call: Call) -> Response {
                $(let $part = match $part::take(&mut call).await {
                    Ok(part) => part,
                    Err(refusal) => return refusal.into_response(),
                };)*
                match self($($part),*).await {
                    Ok(answer) => answer.answer(),
                    Err(refusal) => refusal.into_response(),
                }
            }
        }
    };
}

handlers!(A1);
handlers!(A1 A2);
handlers!(A1 A2 A3);
handlers!(A1 A2 A3 A4);
handlers!(A1 A2 A3 A4 A5);
handlers!(A1 A2 A3 A4 A5 A6);
