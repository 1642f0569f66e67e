//! The API's document, generated from the types of the handlers in the list of routes.

use super::{parts::PathId, problem::Problem, route::Route};
use crate::auth::policy::Need;
use axum::http::{Method, StatusCode};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Components, Content, HttpMethod, Info, License, OpenApi, OpenApiBuilder, PathItem, Ref,
        RefOr, Required, Tag,
        path::{
            Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathsBuilder,
        },
        request_body::RequestBodyBuilder,
        response::ResponseBuilder,
        schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// What a route's handler says of itself.
#[derive(Default)]
pub struct Doc {
    operation: Option<OperationBuilder>,
    schemas: Schemas,
    /// How many ids of each noun stand in the path, so that their names differ.
    path_names: Vec<String>,
    /// The handler wants to know who calls.
    pub wants_caller: bool,
}

impl Doc {
    fn change(&mut self, change: impl FnOnce(OperationBuilder) -> OperationBuilder) {
        self.operation = Some(change(self.operation.take().unwrap_or_default()));
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(&mut self.schemas);
        match T::schema() {
            // Lists and numbers have no name worth one.
            inline @ RefOr::T(Schema::Array(_)) => inline,
            schema => {
                let name = T::name().into_owned();
                self.schemas.push((name.clone(), schema));
                RefOr::Ref(Ref::from_schema_name(name))
            }
        }
    }

    pub fn path_id<I: PathId>(&mut self) {
        let id = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .build();
        self.path_parameter(&format!("The {}'s id.", I::NOUN), id.into());
    }

    pub fn path_text(&mut self, about: &str) {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        self.path_parameter(about, text.into());
    }

    /// The name is filled in from the path's template, in order.
    fn path_parameter(&mut self, about: &str, schema: Schema) {
        let parameter = ParameterBuilder::new()
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(about))
            .schema(Some(schema))
            .build();
        self.path_names.push(String::new());
        self.change(|operation| operation.parameter(parameter));
    }

    pub fn query<T: IntoParams>(&mut self) {
        for parameter in T::into_params(|| Some(ParameterIn::Query)) {
            self.change(|operation| operation.parameter(parameter));
        }
    }

    pub fn json_body<T: ToSchema>(&mut self) {
        self.body::<T>(Required::True);
    }

    pub fn optional_json_body<T: ToSchema>(&mut self) {
        self.body::<T>(Required::False);
    }

    fn body<T: ToSchema>(&mut self, required: Required) {
        let schema = self.reference::<T>();
        let body = RequestBodyBuilder::new()
            .required(Some(required))
            .content("application/json", Content::new(Some(schema)))
            .build();
        self.change(|operation| operation.request_body(Some(body)));
    }

    pub fn media_body(&mut self, media_type: &str, about: &str) {
        let bytes = ObjectBuilder::new().schema_type(Type::String).build();
        let body = RequestBodyBuilder::new()
            .description(Some(about))
            .required(Some(Required::True))
            .content(media_type, Content::new(Some(Schema::from(bytes))))
            .build();
        self.change(|operation| operation.request_body(Some(body)));
    }

    pub fn json_answer<T: ToSchema>(&mut self, status: StatusCode, about: &str) {
        let schema = self.reference::<T>();
        let response = ResponseBuilder::new()
            .description(about)
            .content("application/json", Content::new(Some(schema)))
            .build();
        self.change(|operation| operation.response(status.as_str(), response));
    }

    pub fn empty_answer(&mut self, status: StatusCode, about: &str) {
        let response = ResponseBuilder::new().description(about).build();
        self.change(|operation| operation.response(status.as_str(), response));
    }

    pub fn media_answer(&mut self, media_type: &str, about: &str) {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let response = ResponseBuilder::new()
            .description(about)
            .content(media_type, Content::new(Some(Schema::from(text))))
            .build();
        self.change(|operation| operation.response("200", response));
    }

    /// The finished operation and the schemas it refers to.
    fn finish(mut self, route: &Route) -> (Operation, Schemas) {
        let problem = self.reference::<Problem<'static>>();
        let refused = ResponseBuilder::new()
            .description("Refused; `error.code` says why.")
            .content("application/json", Content::new(Some(problem)))
            .build();
        self.change(|operation| {
            operation
                .summary(Some(route.about))
                .operation_id(Some(route.operation_id()))
                .tag(route.noun())
                .response("default", refused)
        });
        if route.need == Need::Anyone {
            self.change(|operation| operation.securities(Some(Vec::<SecurityRequirement>::new())));
        }
        let mut operation = self.operation.unwrap_or_default().build();
        let mut names = route.placeholders();
        for parameter in operation.parameters.iter_mut().flatten() {
            name_path_parameter(parameter, &mut names);
        }
        (operation, self.schemas)
    }
}

fn name_path_parameter<'a>(
    parameter: &mut RefOr<Parameter>,
    names: &mut impl Iterator<Item = &'a str>,
) {
    if let RefOr::T(parameter) = parameter
        && parameter.parameter_in == ParameterIn::Path
        && let Some(name) = names.next()
    {
        parameter.name = name.to_owned();
    }
}

/// The whole document.
pub fn document(routes: &[Route]) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = Components::new();
    let mut tags: Vec<&str> = Vec::new();
    for route in routes.iter().filter(|route| route.is_documented()) {
        let (operation, schemas) = route.describe().finish(route);
        for (name, schema) in schemas {
            components.schemas.insert(name, schema);
        }
        if !tags.contains(&route.noun()) {
            tags.push(route.noun());
        }
        paths = paths.path(route.path, PathItem::new(method(&route.method), operation));
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `token` of `POST /api/v1/login`."))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme(
        "cookie",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "maru_session",
            "Set at login; over https it is called `__Host-maru_session`. Changing requests must come from the server's own origin.",
        ))),
    );
    let mut info = Info::new("Maru", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "A team chat. Ids are integers below 2^53 that grow with time; times are RFC 3339 in UTC. \
         Unknown fields are refused, and what the caller may not see is a 404. \
         Live events come over Socket.IO at `/socket.io/`, or as `text/event-stream` from `/api/v1/events`."
            .into(),
    );
    info.license = Some(License::new("Apache-2.0"));
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .security(Some([
            SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []),
            SecurityRequirement::new::<_, [&str; 0], &str>("cookie", []),
        ]))
        .tags(Some(tags.into_iter().map(Tag::new)))
        .build()
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
