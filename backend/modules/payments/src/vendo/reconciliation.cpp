#include <libxml/parser.h>
#include <libxml/tree.h>

#include <cstring>
#include <memory>

#include "stoa/db/db.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments::vendo {
namespace {

bool is(const xmlNode* node, const char* name) {
    return node->type == XML_ELEMENT_NODE && std::strcmp(reinterpret_cast<const char*>(node->name), name) == 0;
}

const xmlNode* child(const xmlNode* node, const char* name) {
    for (const xmlNode* at = node ? node->children : nullptr; at; at = at->next) {
        if (is(at, name)) return at;
    }
    return nullptr;
}

std::string text(const xmlNode* node) {
    if (!node) return {};
    const std::unique_ptr<xmlChar, decltype(xmlFree)> content(xmlNodeGetContent(node), xmlFree);
    return content ? reinterpret_cast<const char*>(content.get()) : "";
}

std::string attribute(const xmlNode* node, const char* name) {
    const std::unique_ptr<xmlChar, decltype(xmlFree)> value(xmlGetProp(node, reinterpret_cast<const xmlChar*>(name)), xmlFree);
    return value ? reinterpret_cast<const char*>(value.get()) : "";
}

std::int64_t number(const std::string& value) {
    try {
        return value.empty() ? 0 : std::stoll(value);
    } catch (const std::exception&) {
        return 0;
    }
}

}  // namespace

std::optional<std::vector<Transaction>> parse_reconciliation(std::string_view xml, std::string& error) {
    const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document(
        xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "reconciliation.xml", nullptr,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
        xmlFreeDoc);
    // An entity can stand for itself a million times over, and the gateway's documents declare none.
    const xmlNode* root = document && !document->intSubset ? xmlDocGetRootElement(document.get()) : nullptr;
    if (!root || !is(root, "reconciliation")) {
        error = "the answer is not a reconciliation document";
        return std::nullopt;
    }
    if (const xmlNode* problem = child(root, "error")) {
        error = attribute(problem, "code") + " " + text(problem);
        return std::nullopt;
    }
    std::vector<Transaction> out;
    const xmlNode* body = child(root, "body");
    for (const xmlNode* row = body ? body->children : nullptr; row; row = row->next) {
        if (!is(row, "row")) continue;
        const xmlNode* node = child(row, "transaction");
        if (!node) continue;
        Transaction transaction;
        transaction.id = number(attribute(node, "id"));
        transaction.type = static_cast<int>(number(text(child(node, "type"))));
        transaction.negative = text(child(node, "isNegative")) == "1";
        transaction.is_test = text(child(node, "isTest")) == "1";
        // Only newer answers carry a status; before, unsuccessful ones were left out.
        if (const xmlNode* status = child(node, "status")) transaction.successful = text(status) != "0";
        transaction.reference = text(child(node, "merchantReference"));
        transaction.original_id = number(text(child(node, "originalTransactionID")));
        const xmlNode* invoice = child(node, "invoice");
        transaction.amount = text(child(invoice, "amount"));
        transaction.currency = text(child(invoice, "currency"));
        out.push_back(std::move(transaction));
    }
    return out;
}

}  // namespace stoa::payments::vendo
