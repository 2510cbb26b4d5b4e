#pragma once

#include <filesystem>
#include <string>

#include "cli/test/chaos/report.hpp"
#include "common/result.hpp"

namespace raftkv::chaos {

// The report as one HTML file for a browser: it needs no server and no network, and whatever the
// report says is shown as text and never obeyed.
std::string as_page(const Report& report);

// An Error of kind io names the file.
Result<void> write_page(const Report& report, const std::filesystem::path& file);

}  // namespace raftkv::chaos
