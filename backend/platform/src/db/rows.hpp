#pragma once
#include "db/connection.hpp"

namespace stoa::db {

struct ResultBlock {
    explicit ResultBlock(ResultPtr r) : result(std::move(r)) {}
    ResultPtr result;
};

}  // namespace stoa::db
