#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace raftkv::simulation {

// Something that must always hold does not.
struct Broken final : std::exception {
    Broken(std::string which, std::string how, std::optional<std::uint32_t> where = {})
        : invariant(std::move(which)), message(std::move(how)), node(where) {}

    const char* what() const noexcept override { return message.c_str(); }

    std::string invariant;  // a short name, the same for all failures of a kind
    std::string message;
    std::optional<std::uint32_t> node;
};

}  // namespace raftkv::simulation
