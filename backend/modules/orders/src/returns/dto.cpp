#include "returns/dto.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::orders {

ReturnDto to_dto(const StoredReturn& back, const std::vector<shipping::ReturnLabel>& labels, Reader reader) {
    ReturnDto dto;
    dto.id = back.id;
    dto.number = back.number;
    dto.order_number = back.order_number;
    dto.order_id = back.order;
    dto.state = back.state;
    dto.comment = back.comment;
    dto.answer = back.answer;
    dto.requested_at = back.requested_at;
    dto.decided_at = back.decided_at;
    dto.received_at = back.received_at;
    dto.refunded = back.refunded;
    dto.email = back.email;
    if (back.replacement) {
        dto.replacement_id = back.replacement;
        dto.replacement_number = back.replacement_number;
    }
    for (const auto& line : back.lines) {
        ReturnLineDto one;
        one.line_id = line.line;
        one.sku = line.sku;
        one.name = line.name;
        one.options_text = line.options_text;
        one.comment = line.comment;
        one.quantity = line.quantity;
        one.received = line.received;
        one.restocked = line.restocked;
        one.exchanged = line.exchanged;
        one.refunded = line.refunded;
        one.reason = line.reason;
        one.condition = line.condition;
        one.image = line.image;
        if (reader == Reader::staff) one.warehouse_id = line.warehouse;
        if (line.exchange) {
            one.exchange_sku = line.exchange_sku;
            one.exchange_text = line.exchange_text;
        }
        dto.lines.push_back(std::move(one));
    }
    for (const auto& photo : back.photos) dto.photos.push_back({photo.id, photo.width, photo.height});
    const auto moment = [&](const std::optional<Timestamp>& at, ReturnMoment kind) {
        if (at) dto.timeline.push_back({*at, kind});
    };
    moment(back.requested_at, ReturnMoment::requested);
    moment(back.decided_at, back.state == ReturnState::rejected ? ReturnMoment::rejected : ReturnMoment::approved);
    if (const auto label = std::ranges::find(labels, back.id.uuid(), &shipping::ReturnLabel::return_id); label != labels.end()) {
        ReturnLabelDto shown;
        shown.state = label->state;
        shown.ready = !label->file_key.empty();
        shown.carrier = label->carrier;
        shown.tracking_number = label->tracking_number;
        if (!label->tracking_url.empty()) shown.tracking_url = label->tracking_url;
        shown.status = label->status_text;
        if (reader == Reader::staff) {
            shown.problems = label->problems;
            shown.from = label->from;
        }
        dto.label = std::move(shown);
        moment(label->announced_at, ReturnMoment::label_ready);
        moment(label->left_at, ReturnMoment::handed_over);
        moment(label->delivered_at, ReturnMoment::arrived);
    }
    moment(back.received_at, ReturnMoment::received);
    moment(back.replaced_at, ReturnMoment::exchanged);
    moment(back.refunded_at, ReturnMoment::refunded);
    std::ranges::stable_sort(dto.timeline, {}, &ReturnMomentDto::at);
    return dto;
}

http::Response private_answer(http::Response response) {
    response.header("cache-control", "private, no-store").header("x-robots-tag", "noindex");
    return response;
}

http::Response private_file(storage::ObjectStore& files, const std::string& key, std::string_view type, const std::string& disposition) {
    auto bytes = files.get(key);
    if (!bytes) throw std::logic_error("orders: a file of a return is not in the store: " + key);
    http::Response response;
    response.body = std::move(*bytes);
    response.header("content-type", std::string(type));
    response.header("content-disposition", disposition);
    response.header("x-content-type-options", "nosniff");
    return private_answer(std::move(response));
}

Failure no_label() { return fail(ErrorKind::not_found, "orders.return_label_missing", "There is no label for this return yet."); }
Failure no_photo() { return fail(ErrorKind::not_found, "orders.return_photo_not_found", "There is no such photo."); }

std::vector<shipping::ReturnLabel> Service::labels_of(db::Session& session, const std::vector<StoredReturn>& returns) const {
    std::vector<Uuid> ids;
    for (const auto& back : returns) ids.push_back(back.id.uuid());
    return ids.empty() ? std::vector<shipping::ReturnLabel>{} : deps_.labels.of_returns(session, ids);
}

}  // namespace stoa::orders
