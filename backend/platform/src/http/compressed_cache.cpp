#include "http/compressed_cache.hpp"

namespace stoa::http {
namespace {

std::size_t index_of(Encoding encoding) { return encoding == Encoding::br ? 1 : 0; }
constexpr std::size_t kMaxEntries = 4096;

}  // namespace

CompressedCache::Entry& CompressedCache::entry_for(const Document& plain) {
    Entry& entry = entries_[plain.get()];
    // An address may have been used before by a document that is gone.
    if (entry.plain.lock() != plain) {
        for (const Document& form : entry.form) bytes_ -= form ? form->size() : 0;
        entry = Entry{plain, {}, {false, false}};
    }
    return entry;
}

void CompressedCache::make_room() {
    if (entries_.size() < kMaxEntries && bytes_ < max_bytes_) return;
    std::erase_if(entries_, [this](const auto& item) {
        if (!item.second.plain.expired()) return false;
        for (const Document& form : item.second.form) bytes_ -= form ? form->size() : 0;
        return true;
    });
    if (entries_.size() < kMaxEntries && bytes_ < max_bytes_) return;
    entries_.clear();
    bytes_ = 0;
}

CompressedCache::Document CompressedCache::find(const Document& plain, Encoding encoding, bool& claim) {
    const std::lock_guard lock(mutex_);
    make_room();
    Entry& entry = entry_for(plain);
    const std::size_t index = index_of(encoding);
    claim = !entry.form[index] && !entry.claimed[index];
    if (claim) entry.claimed[index] = true;
    return entry.form[index];
}

CompressedCache::Document CompressedCache::fill(const Document& plain, Encoding encoding) {
    auto made = std::make_shared<const std::string>(compress(*plain, encoding));
    const std::lock_guard lock(mutex_);
    Entry& entry = entry_for(plain);
    Document& slot = entry.form[index_of(encoding)];
    if (!slot) {
        bytes_ += made->size();
        slot = made;
    }
    return slot;
}

}  // namespace stoa::http
