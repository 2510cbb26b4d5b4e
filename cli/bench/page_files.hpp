#pragma once

#include <string_view>

// The files of page/, which the build puts into the program.

namespace raftkv::bench {

std::string_view page_html();
std::string_view page_style();
std::string_view page_script();

}  // namespace raftkv::bench
