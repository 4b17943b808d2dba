#pragma once
// Parts of a snapshot that the next one has in common with it until they change.
#include <iterator>
#include <memory>
#include <vector>

namespace stoa::search {

// A value that copies share; write() first makes it one's own. One thread writes, and only before its snapshot is published.
template <class T>
class Shared {
public:
    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }
    T& write() {
        if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
        return *value_;
    }

private:
    std::shared_ptr<T> value_ = std::make_shared<T>();
};

// A long list in pieces, each shared: changing one element copies its piece and the list of pieces.
template <class T>
class Pieces {
public:
    [[nodiscard]] std::size_t size() const { return size_; }
    const T& operator[](std::size_t at) const { return (*pieces_[at / kPiece])[at % kPiece]; }
    void set(std::size_t at, T value) { pieces_[at / kPiece].write()[at % kPiece] = std::move(value); }
    void resize(std::size_t size) {
        size_ = size;
        while (pieces_.size() * kPiece < size) pieces_.emplace_back().write().resize(kPiece);
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
    static constexpr std::size_t kPiece = 512;
    std::vector<Shared<std::vector<T>>> pieces_;
    std::size_t size_ = 0;
};

}  // namespace stoa::search
