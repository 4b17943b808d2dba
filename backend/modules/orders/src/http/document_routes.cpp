// A document goes to the order's owner, to whoever has the signed link of the order, and to staff. Never into a shared cache.
#include "stoa/http/idempotency.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/orders/documents.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::orders {
namespace {

struct DocumentDto {
    DocumentId id;
    DocumentKind kind = DocumentKind::invoice;
    std::string number;
    Timestamp issued_at;
    Money total;
    bool ready = false;
};
void describe(json::Struct<DocumentDto>& d) {
    d.name("OrderDocument");
    d.field<&DocumentDto::id>("id");
    d.field<&DocumentDto::kind>("kind");
    d.field<&DocumentDto::number>("number");
    d.field<&DocumentDto::issued_at>("issued_at");
    d.field<&DocumentDto::total>("total");
    d.field<&DocumentDto::ready>("ready", "False for the moments between its issue and the making of its files.");
}
struct DocumentListDto {
    std::vector<DocumentDto> items;
    std::optional<std::string> waits_for;
};
void describe(json::Struct<DocumentListDto>& d) {
    d.name("OrderDocumentList");
    d.field<&DocumentListDto::items>("items", "Oldest first.");
    d.field<&DocumentListDto::waits_for>("waits_for", "For staff: why the next one is not issued yet.");
}

struct OwnerQuery {
    std::optional<std::string> token;
};
void describe(json::Struct<OwnerQuery>& d) {
    d.name("OrderDocumentsQuery");
    d.field<&OwnerQuery::token>("token", "Of the order's signed link, for those without an account.").max_length(400);
}
struct XmlQuery {
    std::optional<std::string> token;
    std::string syntax = "ubl";
};
void describe(json::Struct<XmlQuery>& d) {
    d.name("OrderDocumentXmlQuery");
    d.field<&XmlQuery::token>("token", "Of the order's signed link, for those without an account.").max_length(400);
    d.field<&XmlQuery::syntax>("syntax", "UBL 2.1, or the CII that the PDF holds.").pattern("ubl|cii").optional();
}

struct SyntaxQuery {
    std::string syntax = "ubl";
};
void describe(json::Struct<SyntaxQuery>& d) {
    d.name("DocumentXmlQuery");
    d.field<&SyntaxQuery::syntax>("syntax", "UBL 2.1, or the CII that the PDF holds.").pattern("ubl|cii").optional();
}

struct SendDto {
    std::optional<std::string> to;
};
void describe(json::Struct<SendDto>& d) {
    d.name("SendDocument");
    d.field<&SendDto::to>("to", "Another mail address than the order's.").max_length(320);
}

DocumentListDto list_of(std::vector<DocumentInfo> documents) {
    DocumentListDto list;
    for (auto& info : documents)
        list.items.push_back({info.id, info.kind, std::move(info.number), info.issued_at, info.total, !info.formats.empty()});
    return list;
}

Error not_found() { return {ErrorKind::not_found, "orders.not_found", "There is no such order.", {}, {}, {}, 0}; }
Error no_document() { return {ErrorKind::not_found, "orders.document_not_found", "There is no such document.", {}, {}, {}, 0}; }

http::Response private_answer(http::Response response) {
    response.header("cache-control", "private, no-store").header("x-robots-tag", "noindex");
    return response;
}

// `belongs`: the document's order is the one that was asked about.
http::Response send_file(db::Database& database, Documents& documents, storage::ObjectStore& store, DocumentId id, DocumentFormat format,
                         const std::function<bool(db::Session&, OrderId)>& belongs) {
    const auto file = database.read([&](db::Session& session) -> std::optional<StoredFile> {
        const auto info = documents.find(session, id);
        if (!info || !belongs(session, info->order)) return std::nullopt;
        return documents.file(session, id, format);
    });
    if (!file) return http::problem(no_document());
    auto bytes = store.get(file->key);
    if (!bytes) {
        documents.restore(file->key);
        bytes = store.get(file->key);
    }
    if (!bytes) throw std::logic_error("orders: a document's file is not in the store: " + file->key);
    http::Response response;
    response.body = std::move(*bytes);
    response.header("content-type", file->content_type);
    response.header("content-disposition", "attachment; filename=\"" + file->file_name + "\"");
    return private_answer(std::move(response));
}

}  // namespace

void add_document_routes(http::Routes& routes, db::Database& database, Orders& orders, customers::Customers& customers,
                         Documents& documents, storage::ObjectStore& store) {
    // The order, when it is the caller's: by the link's token, else by the account.
    const auto owned = [&](const http::Request& request, const std::optional<std::string>& token) -> std::optional<OrderId> {
        const auto number = request.param("number");
        const auto by_token = token ? orders.read_view_token(*token) : std::nullopt;
        const auto customer = token ? std::nullopt : customers.current(request);
        if (!by_token && !customer) return std::nullopt;
        return database.read([&](db::Session& session) -> std::optional<OrderId> {
            const auto id = by_token ? by_token : orders.find_number(session, number);
            if (!id) return std::nullopt;
            const auto header = orders.header(session, *id);
            if (!header || header->number != number || (!by_token && header->customer != customer->id)) return std::nullopt;
            return id;
        });
    };

    routes.get("/api/v1/orders/{number}/documents", "list_order_documents")
        .summary("Invoices and credit notes of one of my orders")
        .tag("orders")
        .query<OwnerQuery>()
        .returns<DocumentListDto>()
        .fails({"orders.not_found"})
        .handle([&, owned](const http::Request& request) {
            const auto query = http::query_as<OwnerQuery>(request);
            if (!query) return http::problem(query.error());
            const auto order = owned(request, query->token);
            if (!order) return http::problem(not_found());
            return private_answer(
                http::ok(list_of(database.read([&](db::Session& session) { return documents.of_order(session, *order); }))));
        });

    routes.get("/api/v1/orders/{number}/documents/{document_id}/pdf", "get_order_document_pdf")
        .summary("A document as PDF")
        .description("PDF/A-3 with the document's Cross Industry Invoice inside (Factur-X, profile EN 16931).")
        .tag("orders")
        .query<OwnerQuery>()
        .returns_type(200, "application/pdf")
        .fails({"orders.not_found", "orders.document_not_found"})
        .handle([&, owned](const http::Request& request) {
            const auto query = http::query_as<OwnerQuery>(request);
            if (!query) return http::problem(query.error());
            const auto id = http::id_param<DocumentId>(request, "document_id");
            const auto order = owned(request, query->token);
            if (!order) return http::problem(not_found());
            return send_file(database, documents, store, id, DocumentFormat::pdf, [&](db::Session&, OrderId of) { return of == *order; });
        });

    routes.get("/api/v1/orders/{number}/documents/{document_id}/xml", "get_order_document_xml")
        .summary("A document as EN 16931 XML")
        .tag("orders")
        .query<XmlQuery>()
        .returns_type(200, "application/xml")
        .fails({"orders.not_found", "orders.document_not_found"})
        .handle([&, owned](const http::Request& request) {
            const auto query = http::query_as<XmlQuery>(request);
            if (!query) return http::problem(query.error());
            const auto id = http::id_param<DocumentId>(request, "document_id");
            const auto order = owned(request, query->token);
            if (!order) return http::problem(not_found());
            return send_file(database, documents, store, id, query->syntax == "cii" ? DocumentFormat::cii : DocumentFormat::ubl,
                             [&](db::Session&, OrderId of) { return of == *order; });
        });
}

void add_document_desk_routes(http::Routes& routes, db::Database& database, http::Idempotency& idempotency, Orders& orders,
                              Documents& documents, storage::ObjectStore& store, http::StaffGate& gate, http::AuditLog& audit,
                              SendDocumentMail send) {
    routes.get("/api/v1/admin/orders/{number}/documents", "admin_list_order_documents")
        .summary("Invoices and credit notes of an order")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<DocumentListDto>()
        .fails({"orders.not_found", "staff.login_required", "staff.forbidden"})
        .handle([&](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto list = database.read([&](db::Session& session) -> std::optional<DocumentListDto> {
                const auto id = orders.find_number(session, request.param("number"));
                if (!id) return std::nullopt;
                auto out = list_of(documents.of_order(session, *id));
                out.waits_for = documents.waits_for(session, *id);
                return out;
            });
            if (!list) return http::problem(not_found());
            return http::ok(*list);
        });

    routes.get("/api/v1/admin/documents/{document_id}/pdf", "admin_get_document_pdf")
        .summary("A document as PDF")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns_type(200, "application/pdf")
        .fails({"orders.document_not_found", "staff.login_required", "staff.forbidden"})
        .handle([&](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            return send_file(database, documents, store, http::id_param<DocumentId>(request, "document_id"), DocumentFormat::pdf,
                             [](db::Session&, OrderId) { return true; });
        });

    routes.get("/api/v1/admin/documents/{document_id}/xml", "admin_get_document_xml")
        .summary("A document as EN 16931 XML")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .query<SyntaxQuery>()
        .returns_type(200, "application/xml")
        .fails({"orders.document_not_found", "staff.login_required", "staff.forbidden"})
        .handle([&](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto query = http::query_as<SyntaxQuery>(request);
            if (!query) return http::problem(query.error());
            return send_file(database, documents, store, http::id_param<DocumentId>(request, "document_id"),
                             query->syntax == "cii" ? DocumentFormat::cii : DocumentFormat::ubl,
                             [](db::Session&, OrderId) { return true; });
        });

    routes.post("/api/v1/admin/documents/{document_id}/send", "admin_send_document")
        .summary("Mail a document again")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<SendDto>()
        .returns<DocumentDto>(202)
        .fails({"orders.document_not_found", "orders.document_not_ready", "staff.login_required", "staff.forbidden"})
        .idempotent()
        .handle([&, send = std::move(send)](const http::Request& request) {
            const auto actor = gate.require(request, "orders.update");
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<SendDto>(request);
            if (!input) return http::problem(input.error());
            const auto id = http::id_param<DocumentId>(request, "document_id");
            if (input->to && !customers::email_key(*input->to))
                return http::problem(fail_field("/to", "invalid_email", "This is not an e-mail address.").error());
            return idempotency.run(request, "staff:" + actor->id.to_string(), [&](db::Tx& tx) -> Result<http::Response> {
                const auto info = documents.find(tx, id);
                if (!info) return std::unexpected(no_document());
                if (info->formats.empty())
                    return fail(ErrorKind::conflict, "orders.document_not_ready", "The document's files are still being made.");
                send(tx, *info, input->to);
                json::Writer what;
                what.begin_object();
                what.member("number", info->number);
                what.member("elsewhere", input->to.has_value());
                what.end_object();
                audit.record(tx, *actor, {"send", "documents", info->id.to_string(), "", what.take()});
                return http::accepted(DocumentDto{info->id, info->kind, info->number, info->issued_at, info->total, true});
            });
        });
}

}  // namespace stoa::orders
