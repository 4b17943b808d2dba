#pragma once
// A return as its buyer and the desk see it, and its files.
#include "after_sale/service.hpp"

namespace stoa::orders {

struct ReturnLineDto {
    OrderLineId line_id;
    std::string sku, name, options_text, comment;
    std::int64_t quantity = 1, received = 0, restocked = 0, exchanged = 0, refunded = 0;
    ReturnReason reason = ReturnReason::other;
    std::optional<ReturnCondition> condition;
    std::optional<json::Raw> image;
    std::optional<std::string> exchange_sku, exchange_text;
    std::optional<inventory::WarehouseId> warehouse_id;
};
inline void describe(json::Struct<ReturnLineDto>& d) {
    d.name("ReturnLine");
    d.field<&ReturnLineDto::line_id>("line_id");
    d.field<&ReturnLineDto::sku>("sku");
    d.field<&ReturnLineDto::name>("name");
    d.field<&ReturnLineDto::options_text>("options_text");
    d.field<&ReturnLineDto::quantity>("quantity");
    d.field<&ReturnLineDto::reason>("reason");
    d.field<&ReturnLineDto::comment>("comment");
    d.field<&ReturnLineDto::received>("received");
    d.field<&ReturnLineDto::restocked>("restocked");
    d.field<&ReturnLineDto::condition>("condition");
    d.field<&ReturnLineDto::image>("image", "An Image, as it was when the order was placed.");
    d.field<&ReturnLineDto::exchange_sku>("exchange_sku");
    d.field<&ReturnLineDto::exchange_text>("exchange_text", "What the buyer would rather have.");
    d.field<&ReturnLineDto::exchanged>("exchanged", "Of the received, replaced by that.");
    d.field<&ReturnLineDto::refunded>("refunded", "Of the received, refunded with this return.");
    d.field<&ReturnLineDto::warehouse_id>("warehouse_id",
                                          "Into which it was booked or, before that, is when nobody names another. For staff.");
}
struct ReturnPhotoDto {
    ReturnPhotoId id;
    std::int64_t width = 0, height = 0;
};
inline void describe(json::Struct<ReturnPhotoDto>& d) {
    d.name("ReturnPhoto");
    d.field<&ReturnPhotoDto::id>("id");
    d.field<&ReturnPhotoDto::width>("width");
    d.field<&ReturnPhotoDto::height>("height");
}
struct ReturnLabelDto {
    shipping::ShipmentState state = shipping::ShipmentState::announcing;
    bool ready = false;
    std::string carrier, tracking_number, status;
    std::optional<std::string> tracking_url;
    std::vector<shipping::ShipmentProblem> problems;
    std::optional<shipping::ShipTo> from;
};
inline void describe(json::Struct<ReturnLabelDto>& d) {
    d.name("ReturnLabel");
    d.field<&ReturnLabelDto::state>("state", "announcing: being made. failed: the carrier refused.");
    d.field<&ReturnLabelDto::ready>("ready", "There is a PDF to print.");
    d.field<&ReturnLabelDto::carrier>("carrier");
    d.field<&ReturnLabelDto::tracking_number>("tracking_number");
    d.field<&ReturnLabelDto::tracking_url>("tracking_url");
    d.field<&ReturnLabelDto::status>("status", "In the carrier's words.");
    d.field<&ReturnLabelDto::problems>("problems", "Why it was refused. For staff.");
    d.field<&ReturnLabelDto::from>("from", "The sender's address. For staff.");
}
enum class ReturnMoment { requested, approved, rejected, label_ready, handed_over, arrived, received, exchanged, refunded };
inline json::EnumNames<ReturnMoment> enum_names(ReturnMoment) {
    using enum ReturnMoment;
    static constexpr std::pair<ReturnMoment, std::string_view> names[] = {
        {requested, "requested"},     {approved, "approved"},       {rejected, "rejected"},
        {label_ready, "label_ready"}, {handed_over, "handed_over"}, {arrived, "arrived"},
        {received, "received"},       {exchanged, "exchanged"},     {refunded, "refunded"}};
    return names;
}
struct ReturnMomentDto {
    Timestamp at;
    ReturnMoment kind = ReturnMoment::requested;
};
inline void describe(json::Struct<ReturnMomentDto>& d) {
    d.name("ReturnMoment");
    d.field<&ReturnMomentDto::at>("at");
    d.field<&ReturnMomentDto::kind>("kind");
}
struct ReturnDto {
    ReturnId id;
    std::string number, order_number, comment, answer;
    OrderId order_id;
    ReturnState state = ReturnState::requested;
    Timestamp requested_at;
    std::optional<Timestamp> decided_at, received_at;
    std::optional<Money> refunded;
    std::optional<std::string> replacement_number;
    std::optional<OrderId> replacement_id;
    std::string email;
    std::vector<ReturnLineDto> lines;
    std::vector<ReturnPhotoDto> photos;
    std::optional<ReturnLabelDto> label;
    std::vector<ReturnMomentDto> timeline;
};
inline void describe(json::Struct<ReturnDto>& d) {
    d.name("Return");
    d.field<&ReturnDto::id>("id");
    d.field<&ReturnDto::number>("number");
    d.field<&ReturnDto::order_id>("order_id");
    d.field<&ReturnDto::order_number>("order_number");
    d.field<&ReturnDto::state>("state");
    d.field<&ReturnDto::comment>("comment", "Of the buyer.");
    d.field<&ReturnDto::answer>("answer", "Of the shop.");
    d.field<&ReturnDto::requested_at>("requested_at");
    d.field<&ReturnDto::decided_at>("decided_at");
    d.field<&ReturnDto::received_at>("received_at");
    d.field<&ReturnDto::refunded>("refunded");
    d.field<&ReturnDto::replacement_number>("replacement_number", "The order that brings the goods of an exchange.");
    d.field<&ReturnDto::replacement_id>("replacement_id");
    d.field<&ReturnDto::email>("email");
    d.field<&ReturnDto::lines>("lines");
    d.field<&ReturnDto::photos>("photos");
    d.field<&ReturnDto::label>("label");
    d.field<&ReturnDto::timeline>("timeline", "Oldest first.");
}

enum class Reader { buyer, staff };
[[nodiscard]] ReturnDto to_dto(const StoredReturn& back, const std::vector<shipping::ReturnLabel>& labels, Reader reader);

[[nodiscard]] http::Response private_answer(http::Response response);
// A file that only those get who may see the return.
[[nodiscard]] http::Response private_file(storage::ObjectStore& files, const std::string& key, std::string_view type,
                                          const std::string& disposition);
[[nodiscard]] Failure no_label();
[[nodiscard]] Failure no_photo();

}  // namespace stoa::orders
