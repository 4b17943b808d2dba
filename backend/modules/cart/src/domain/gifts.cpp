#include "gifts.hpp"

#include <algorithm>
#include <stdexcept>

#include "stoa/mail/mail.hpp"

namespace stoa::cart {

std::vector<GiftDto> gifts_for(std::vector<GiftDto> gifts, std::int64_t quantity) {
    const GiftDto last = gifts.empty() ? GiftDto{} : gifts.back();
    gifts.resize(static_cast<std::size_t>(quantity), last);
    return gifts;
}

std::vector<GiftDto> gifts_of(const StoredLine& line) { return gifts_for(line.gifts, line.quantity); }

Result<std::vector<GiftDto>> changed(const std::vector<GiftDto>& before, std::vector<GiftDto> gifts, std::int64_t quantity, Date today) {
    if (std::ssize(gifts) != quantity)
        return fail_field("/gifts", "wrong_length", "There is one for each of the " + std::to_string(quantity) + " gift cards.");
    for (std::size_t i = 0; i < gifts.size(); ++i) {
        if (std::ranges::find(before, gifts[i]) != before.end()) continue;
        auto fine = checked(std::move(gifts[i]), today, "/gifts/" + std::to_string(i));
        if (!fine) return std::unexpected(fine.error());
        gifts[i] = std::move(*fine);
    }
    return gifts;
}

Result<GiftDto> checked(GiftDto gift, Date today, const std::string& pointer) {
    for (auto* text : {&gift.recipient_email, &gift.recipient_name, &gift.sender_name, &gift.message}) {
        if (*text && (*text)->empty()) text->reset();
    }
    if (gift.recipient_email && !mail::is_mail_address(*gift.recipient_email))
        return fail_field(pointer + "/recipient_email", "wrong_format", "This is no mail address.");
    if (gift.send_on) {
        const std::chrono::sys_days day(*gift.send_on), from(today);
        if (!gift.send_on->ok() || day < from) return fail_field(pointer + "/send_on", "in_the_past", "This day is over.");
        if (day > from + kFarthestSending) return fail_field(pointer + "/send_on", "too_far", "At most a year ahead.");
    }
    return gift;
}

std::vector<GiftDto> gifts_from(const std::string& stored) {
    auto gifts = json::parse_as<std::vector<GiftDto>>(stored);
    if (!gifts) throw std::logic_error("cart: stored gifts no longer read: " + gifts.error().message);
    return std::move(*gifts);
}

std::optional<std::string> to_stored(const std::vector<GiftDto>& gifts) {
    if (gifts.empty()) return std::nullopt;
    return json::render(gifts);
}

}  // namespace stoa::cart
