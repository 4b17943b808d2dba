#pragma once
// Invoices and credit notes. An issued document never changes: PostgreSQL refuses it. Its number is taken in the transaction that
// issues it, so that the numbers of a legal entity have no gap and no twin, however many issue at once.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/orders/ids.hpp"
#include "stoa/result/result.hpp"

namespace stoa::storage {
class ObjectStore;
}
namespace stoa::http {
class Idempotency;
class Routes;
class StaffGate;
class AuditLog;
}  // namespace stoa::http
namespace stoa::customers {
class Customers;
}

namespace stoa::orders {

using DocumentId = Id<"doc">;

enum class DocumentKind { invoice, credit_note };
[[nodiscard]] json::EnumNames<DocumentKind> enum_names(DocumentKind);

enum class DocumentFormat { pdf, ubl, cii };  // the PDF holds the CII (Factur-X)
[[nodiscard]] json::EnumNames<DocumentFormat> enum_names(DocumentFormat);

struct DocumentInfo {
    DocumentId id;
    OrderId order;
    DocumentKind kind = DocumentKind::invoice;
    std::string number;
    Timestamp issued_at;
    Money total;
    std::vector<DocumentFormat> formats;  // those that have been made
};

// What is given back. Amounts are as the buyer saw them: with VAT where the shop's prices include it.
struct CreditLine {
    OrderLineId line;
    std::int64_t quantity = 1;
    Money amount;
};
struct CreditRequest {
    OrderId order;
    std::string reference;  // "refund:<uuid>": a second request with it finds the first one's document
    std::string reason;     // shown on the document; may be empty
    std::vector<CreditLine> lines;
    std::optional<Money> shipping;
};

struct StoredFile {
    std::string file_name;  // "INV-100001.pdf"
    std::string content_type;
    std::string key;  // in the object store
    std::string sha256;
};

// Who sells. The shop has one, "main"; no document is issued before it is set.
struct LegalEntityRow {
    std::string code = "main";
    std::string name, contact_name, email, phone;
    std::string line1, line2, postal_code, city, state, country;
    std::string vat_id, tax_number, registration;
    std::string iban, bic, account_name;
    std::int64_t payment_days = 14;
    std::string issue_on = "confirmed";  // or "shipped": when an order gets its invoice
    std::string vat_currency = "EUR";    // in which VAT is accounted for: an invoice in another one says its VAT in both
};
// Its two series of numbers begin when it first issues; changing the row leaves what was issued as it is.
void save_legal_entity(db::Tx& tx, const LegalEntityRow& entity);

// What VAT of a document in `currency` is converted with: on that day one unit of vat_currency was worth `rate` of it.
using VatRateId = Id<"vra">;
struct VatRateRow {
    std::string vat_currency, currency;
    Date day{};
    std::string rate;  // "0.8612"
    std::string source;
    std::int64_t valid_days = 7;  // from that day on; weekends and holidays have no rate of their own
};
// One for each pair of currencies and day. 422 orders.vat_rate_invalid. What was issued stays as it is.
[[nodiscard]] Result<VatRateId> save_vat_rate(db::Tx& tx, const VatRateRow& rate);
[[nodiscard]] bool delete_vat_rate(db::Tx& tx, VatRateId id);

class Documents {
public:
    virtual ~Documents() = default;
    // The order's invoice, made when there is none; of several the one that counts, the last. Call it at the end of a transaction: it holds
    // the lock of the legal entity's counter until the commit. Errors: orders.not_found, orders.no_legal_entity, orders.not_invoiceable
    // (not confirmed), orders.document_invalid (breaks a rule of EN 16931, which is named in the log), orders.vat_rate_missing.
    [[nodiscard]] virtual Result<DocumentInfo> issue_invoice(db::Tx& tx, OrderId order) = 0;
    // A credit note for part of the order's invoice. Errors: orders.not_invoiced, orders.credit_exceeds_invoice, orders.document_invalid.
    [[nodiscard]] virtual Result<DocumentInfo> credit(db::Tx& tx, const CreditRequest& request) = 0;
    // Everything that has not been credited yet; nullopt when nothing is left or there is no invoice.
    [[nodiscard]] virtual Result<std::optional<DocumentInfo>> credit_rest(db::Tx& tx, OrderId order, std::string_view reference,
                                                                          std::string_view reason) = 0;
    // Oldest first.
    [[nodiscard]] virtual std::vector<DocumentInfo> of_order(db::Session& session, OrderId order) = 0;
    [[nodiscard]] virtual std::optional<DocumentInfo> find(db::Session& session, DocumentId id) = 0;
    [[nodiscard]] virtual std::optional<StoredFile> file(db::Session& session, DocumentId id, DocumentFormat format) = 0;
    // What an event "order.confirmed", "order.shipped", "order.changed" or "order.cancelled" asks for: the invoice when the legal entity
    // issues it then, after a change a credit note for the rest and an invoice in its place, a credit note for the rest when the order
    // ended. Nothing without a legal entity. Throws jobs::GiveUp for a document that breaks a rule. One whose VAT cannot be converted
    // waits: the order's timeline says for what.
    virtual void follow(db::Tx& tx, OrderId order, std::string_view event_type) = 0;
    // The credit note for what a refund granted: its units and delivery, with its adjustment spread over them. Nothing where there is no
    // invoice, and for mere goodwill, which no line of the invoice is about. Repeatable. Throws jobs::GiveUp for a document that breaks a
    // rule.
    virtual void credit_refund(db::Tx& tx, OrderRefundId refund) = 0;
    // What waited, and does not any more: one transaction each.
    virtual void issue_waiting() = 0;
    // What the order's document waits for, in words.
    [[nodiscard]] virtual std::optional<std::string> waits_for(db::Session& session, OrderId order) = 0;
    // Makes what is missing of PDF and XML and stores it; then calls `made` in the transaction that records it. Repeatable.
    using Made = std::function<void(db::Tx&, const DocumentInfo&)>;
    virtual void render(DocumentId id, const Made& made) = 0;
    // A file that is gone or damaged, stored once more as it was; nothing for a key that is no document's.
    virtual void restore(std::string_view key) = 0;
    // Its files cannot be made: the order's timeline says so.
    virtual void note_failure(db::Tx& tx, DocumentId id, std::string_view why) = 0;
};

// Enqueued by issue_invoice() and credit(); its payload is {"document_id":"doc_…"}.
inline constexpr std::string_view kRenderDocumentJob = "orders.render_document";

class Orders;
// Of My Account and of an order's signed link.
void add_document_routes(http::Routes& routes, db::Database& database, Orders& orders, customers::Customers& customers,
                         Documents& documents, storage::ObjectStore& store);
// Mails a document, to another address than the order's when one is given.
using SendDocumentMail = std::function<void(db::Tx&, const DocumentInfo&, const std::optional<std::string>& to)>;
void add_document_desk_routes(http::Routes& routes, db::Database& database, http::Idempotency& idempotency, Orders& orders,
                              Documents& documents, storage::ObjectStore& store, http::StaffGate& gate, http::AuditLog& audit,
                              SendDocumentMail send);

[[nodiscard]] std::unique_ptr<Documents> make_documents(db::Database& database, const Clock& clock, storage::ObjectStore& store);

}  // namespace stoa::orders
