#include "compounds.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "stoa/text/text.hpp"

namespace stoa::search {
namespace {

constexpr std::size_t kLongestWord = 48;
constexpr std::array<std::string_view, 6> kJoints{"s", "es", "n", "en", "er", "e"};

// The end of a word as it is written that folds to `tail`; the tail itself when there is none ("ß" cut in two).
std::string written_end(std::string_view display, std::string_view tail) {
    for (std::size_t start = display.size(); start-- > 0;) {
        if ((static_cast<unsigned char>(display[start]) & 0xC0) == 0x80) continue;
        const auto end = display.substr(start);
        if (end.size() >= tail.size() && text::fold(end) == tail) return std::string(end);
        if (end.size() > 2 * tail.size()) break;
    }
    return std::string(tail);
}

}  // namespace

CompoundParts learn_parts(const std::vector<std::pair<std::string_view, std::string_view>>& words) {
    std::unordered_set<std::string_view> known;
    for (const auto& [folded, display] : words) {
        if (folded.size() >= kShortestPart) known.insert(folded);
    }
    const auto is_head = [&](std::string_view head) {
        if (known.contains(head)) return true;
        return std::ranges::any_of(kJoints, [&](std::string_view joint) {
            return head.size() >= kShortestPart + joint.size() && head.ends_with(joint) &&
                   known.contains(head.substr(0, head.size() - joint.size()));
        });
    };
    struct Tail {
        std::string_view head, known_head;  // the first it was seen behind, and the first of them that is a word
        bool twice = false, known_twice = false;
        std::string_view display;
    };
    std::unordered_map<std::string_view, Tail> tails;
    for (const auto& [folded, display] : words) {
        if (folded.size() < 2 * kShortestPart || folded.size() > kLongestWord) continue;
        for (auto cut = kShortestPart; cut + kShortestPart <= folded.size(); ++cut) {
            // Neither half of a letter.
            if ((static_cast<unsigned char>(folded[cut]) & 0xC0) == 0x80) continue;
            const auto head = folded.substr(0, cut);
            const auto tail = folded.substr(cut);
            // Nor a word with the joint before it: "nstuhl".
            if (known.contains(tail) || std::ranges::any_of(kJoints, [&](std::string_view joint) {
                    return tail.starts_with(joint) && known.contains(tail.substr(joint.size()));
                }))
                continue;
            auto& seen = tails.try_emplace(tail, Tail{head, {}, false, false, display}).first->second;
            seen.twice = seen.twice || seen.head != head;
            if (!is_head(head)) continue;
            if (seen.known_head.empty()) seen.known_head = head;
            seen.known_twice = seen.known_twice || seen.known_head != head;
        }
    }
    CompoundParts out;
    for (const auto& [tail, seen] : tails) {
        if (seen.known_twice || (seen.twice && !seen.known_head.empty() && tail.size() >= kSurePart))
            out.emplace(tail, written_end(seen.display, tail));
    }
    return out;
}

}  // namespace stoa::search
