#include "cli/admin/json_values.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace raftkv::cli {

std::uint64_t count_in(const nlohmann::json& value, std::uint64_t most) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        throw std::invalid_argument("expected a count, found " + value.dump());
    return value.get<std::uint64_t>();
}

NodeId node_id_in(const nlohmann::json& value) {
    return NodeId(static_cast<std::uint32_t>(count_in(value, UINT32_MAX)));
}

}  // namespace raftkv::cli
