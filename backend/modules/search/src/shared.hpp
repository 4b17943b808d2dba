#pragma once
// Parts of a snapshot that the next one has in common with it until they change. A change copies the piece it falls into and the list
// of pieces, never the whole.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::search {

// A value that copies share; write() first makes it one's own. One thread writes, and only before its snapshot is published.
template <class T>
class Shared {
public:
    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }
    operator const T&() const { return *value_; }  // NOLINT: where a T is read, this is one
    T& write() {
        if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
        return *value_;
    }

private:
    std::shared_ptr<T> value_ = std::make_shared<T>();
};

// A list by number. Two levels above the elements, so that the list of pieces is short whatever the size.
template <class T, std::size_t kPiece = 64>
class Pieces {
public:
    static constexpr std::size_t kPieceSize = kPiece;
    [[nodiscard]] std::size_t size() const { return size_; }
    const T& operator[](std::size_t at) const { return (*(*nodes_[at / kSpan])[at / kPiece % kWidth])[at % kPiece]; }
    // What begins at a place goes on side by side to the next multiple of kPieceSize, beyond size() as well.
    const T* from(std::size_t at) const { return &(*this)[at]; }
    void set(std::size_t at, T value) {
        auto& piece = own(own(nodes_[at / kSpan])[at / kPiece % kWidth]);
        piece[at % kPiece] = std::move(value);
    }
    // Only grows. What is new is `fill`, which is the same in all calls.
    void resize(std::size_t size, const T& fill = T()) {
        while (room_ < size) {
            if (room_ % kSpan == 0) nodes_.push_back(std::make_shared<Node>());
            auto piece = std::make_shared<Piece>();
            piece->fill(fill);
            own(nodes_.back())[room_ / kPiece % kWidth] = std::move(piece);
            room_ += kPiece;
        }
        size_ = std::max(size_, size);
    }

    class Iterator {
    public:
        Iterator(const Pieces* list, std::size_t at) : list_(list), at_(at) {}
        const T& operator*() const { return (*list_)[at_]; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at_ != other.at_; }

    private:
        const Pieces* list_;
        std::size_t at_;
    };
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size_}; }

private:
    static constexpr std::size_t kWidth = 64;
    static constexpr std::size_t kSpan = kWidth * kPiece;
    using Piece = std::array<T, kPiece>;
    using Node = std::array<std::shared_ptr<Piece>, kWidth>;
    template <class U>
    static U& own(std::shared_ptr<U>& shared) {
        if (shared.use_count() > 1) shared = std::make_shared<U>(*shared);
        return *shared;
    }
    std::vector<std::shared_ptr<Node>> nodes_;
    std::size_t size_ = 0;
    std::size_t room_ = 0;
};

// Distinct values in an order that whoever calls keeps to, in pieces. Nothing is counted: there is no n-th element.
template <class T>
class SortedList {
    using Piece = std::vector<T>;
    using Piles = std::vector<std::shared_ptr<Piece>>;

public:
    class Iterator {
    public:
        using iterator_category = std::bidirectional_iterator_tag;
        using iterator_concept = std::bidirectional_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T*;
        using reference = const T&;
        Iterator() = default;
        reference operator*() const { return *at_; }
        pointer operator->() const { return at_; }
        Iterator& operator++() {
            if (++at_ == last_) enter(piece_ + 1, false);
            return *this;
        }
        Iterator operator++(int) {
            auto before = *this;
            ++*this;
            return before;
        }
        Iterator& operator--() {
            if (at_ == first_) enter(piece_ - 1, true);
            --at_;
            return *this;
        }
        Iterator operator--(int) {
            auto before = *this;
            --*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_ && piece_ == other.piece_; }

    private:
        friend class SortedList;
        Iterator(const Piles* pieces, std::size_t piece) : pieces_(pieces) { enter(piece, false); }
        void enter(std::size_t piece, bool at_end) {
            piece_ = piece;
            if (piece == pieces_->size()) {
                first_ = at_ = last_ = nullptr;
                return;
            }
            const auto& items = *(*pieces_)[piece];
            first_ = items.data();
            last_ = first_ + items.size();
            at_ = at_end ? last_ : first_;
        }
        const Piles* pieces_ = nullptr;
        std::size_t piece_ = 0;
        const T* first_ = nullptr;
        const T* at_ = nullptr;
        const T* last_ = nullptr;
    };

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] Iterator begin() const { return {&pieces_, 0}; }
    [[nodiscard]] Iterator end() const { return {&pieces_, pieces_.size()}; }
    [[nodiscard]] const T& back() const { return pieces_.back()->back(); }

    // The first one for which `before` no longer holds.
    template <class Before>
    [[nodiscard]] Iterator partition_point(Before before) const {
        const auto piece = std::ranges::partition_point(pieces_, [&](const auto& items) { return before(items->back()); });
        Iterator out(&pieces_, static_cast<std::size_t>(piece - pieces_.begin()));
        if (piece != pieces_.end()) out.at_ = std::partition_point(out.first_, out.last_, before);
        return out;
    }
    // How many lie between two places, the first not behind the second.
    [[nodiscard]] std::size_t between(const Iterator& first, const Iterator& last) const {
        if (first.piece_ == last.piece_) return static_cast<std::size_t>(last.at_ - first.at_);
        auto count = static_cast<std::size_t>(first.last_ - first.at_) + static_cast<std::size_t>(last.at_ - last.first_);
        for (auto piece = first.piece_ + 1; piece < last.piece_; ++piece) count += pieces_[piece]->size();
        return count;
    }

    // Takes these out. All of them are there, and `less` is the order that they still lie in.
    template <class Less>
    void erase_all(std::vector<T> values, Less less) {
        if (is_many(values.size())) {
            std::ranges::sort(values, less);
            std::vector<T> kept;
            kept.reserve(size_ - values.size());
            std::set_difference(begin(), end(), values.begin(), values.end(), std::back_inserter(kept), less);
            assign(std::move(kept));
            return;
        }
        for (const auto& value : values) erase(value, less);
    }
    // For many, known by something quicker than their place.
    template <class Gone>
    void erase_where(Gone gone) {
        std::vector<T> kept;
        kept.reserve(size_);
        std::copy_if(begin(), end(), std::back_inserter(kept), [&](const T& value) { return !gone(value); });
        assign(std::move(kept));
    }
    // Puts these in, none of which is there.
    template <class Less>
    void insert_all(std::vector<T> values, Less less) {
        if (is_many(values.size())) {
            std::ranges::sort(values, less);
            std::vector<T> all;
            all.reserve(size_ + values.size());
            std::merge(begin(), end(), values.begin(), values.end(), std::back_inserter(all), less);
            assign(std::move(all));
            return;
        }
        for (const auto& value : values) insert(value, less);
    }
    // Without those behind the first `count`.
    void truncate(std::size_t count) {
        while (size_ > count) {
            if (const auto rest = pieces_.back()->size(); size_ - rest >= count) {
                pieces_.pop_back();
                size_ -= rest;
            } else {
                auto& items = own(pieces_.back());
                items.erase(items.end() - static_cast<std::ptrdiff_t>(size_ - count), items.end());
                size_ = count;
            }
        }
    }
    void assign(std::vector<T> sorted) {
        pieces_.clear();
        size_ = sorted.size();
        for (std::size_t at = 0; at < sorted.size(); at += kPiece) {
            const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = std::min(kPiece, sorted.size() - at);
            pieces_.push_back(std::make_shared<Piece>(first, first + static_cast<std::ptrdiff_t>(count)));
        }
    }

private:
    // Elements are small: copying a piece costs no more than copying the list of a few hundred of them.
    static constexpr std::size_t kPiece = 16384 / sizeof(T);
    static_assert(kPiece >= 64);
    [[nodiscard]] bool is_many(std::size_t count) const { return count > 64 && count * 64 > size_; }
    static Piece& own(std::shared_ptr<Piece>& shared) {
        if (shared.use_count() > 1) shared = std::make_shared<Piece>(*shared);
        return *shared;
    }
    template <class Less>
    [[nodiscard]] std::size_t piece_of(const T& value, Less less) const {
        const auto found = std::ranges::partition_point(pieces_, [&](const auto& items) { return less(items->back(), value); });
        return static_cast<std::size_t>(found - pieces_.begin());
    }
    template <class Less>
    void erase(const T& value, Less less) {
        const auto piece = piece_of(value, less);
        if (piece == pieces_.size()) return;
        const auto& before = *pieces_[piece];
        const auto place = std::lower_bound(before.begin(), before.end(), value, less) - before.begin();
        if (static_cast<std::size_t>(place) == before.size() || less(value, before[static_cast<std::size_t>(place)])) return;
        --size_;
        if (before.size() == 1) {
            pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(piece));
            return;
        }
        auto& items = own(pieces_[piece]);
        items.erase(items.begin() + place);
        if (items.size() < kPiece / 4 && piece + 1 < pieces_.size() && items.size() + pieces_[piece + 1]->size() <= kPiece) {
            items.insert(items.end(), pieces_[piece + 1]->begin(), pieces_[piece + 1]->end());
            pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(piece) + 1);
        }
    }
    template <class Less>
    void insert(const T& value, Less less) {
        ++size_;
        if (pieces_.empty()) {
            pieces_.push_back(std::make_shared<Piece>(1, value));
            return;
        }
        const auto piece = std::min(piece_of(value, less), pieces_.size() - 1);
        auto& items = own(pieces_[piece]);
        items.insert(std::lower_bound(items.begin(), items.end(), value, less), value);
        if (items.size() <= 2 * kPiece) return;
        const auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
        auto rest = std::make_shared<Piece>(middle, items.end());
        items.erase(middle, items.end());
        pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(piece) + 1, std::move(rest));
    }

    Piles pieces_;  // none is empty
    std::size_t size_ = 0;
};

// What a key stands for, in many small tables.
template <class Key, class Value>
class Directory {
    using Table = std::unordered_map<Key, Value>;

public:
    using Found = const typename Table::value_type*;
    Directory() { tables_.resize(1); }
    [[nodiscard]] std::size_t size() const { return size_; }
    // end() when there is none, as with the tables of the standard library.
    [[nodiscard]] Found find(const Key& key) const {
        const auto& table = *tables_[place_of(key)];
        const auto found = table.find(key);
        return found == table.end() ? nullptr : &*found;
    }
    [[nodiscard]] static Found end() { return nullptr; }
    void set(const Key& key, Value value) {
        if (tables_[place_of(key)].write().insert_or_assign(key, std::move(value)).second) ++size_;
        if (size_ > 4 * kTable * tables_.size()) spread(4 * tables_.size());
    }
    void erase(const Key& key) {
        auto& table = tables_[place_of(key)];
        if (table->contains(key)) size_ -= table.write().erase(key);
    }
    void reserve(std::size_t count) {
        if (const auto wanted = std::bit_ceil(count / kTable + 1); wanted > tables_.size()) spread(wanted);
    }

private:
    static constexpr std::size_t kTable = 256;  // entries, about
    // Whatever the hash is worth: tables and their buckets do not look at the same bits.
    [[nodiscard]] std::size_t place_of(const Key& key) const {
        const auto mixed = static_cast<std::uint64_t>(std::hash<Key>()(key)) * 0x9E3779B97F4A7C15U;
        return static_cast<std::size_t>(mixed >> 32) & (tables_.size() - 1);
    }
    void spread(std::size_t count) {
        std::vector<Shared<Table>> before(count);
        before.swap(tables_);
        for (const auto& table : before) {
            for (const auto& [key, value] : *table) tables_[place_of(key)].write().emplace(key, value);
        }
    }
    std::vector<Shared<Table>> tables_;  // a power of two
    std::size_t size_ = 0;
};

}  // namespace stoa::search
