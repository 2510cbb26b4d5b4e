#pragma once

#include <string>

#include "common/strong_types.hpp"
#include "node/kv/store.hpp"
#include "node/server/admin/node_report.hpp"

// What the admin port answers, as text.

namespace raftkv::server {

// GET /status: one JSON object.
std::string status_json(const NodeReport& report);

// GET /members: one JSON object.
std::string members_json(const NodeReport& report);

// GET /metrics: the Prometheus text format.
std::string metrics_text(const NodeReport& report);

}  // namespace raftkv::server
