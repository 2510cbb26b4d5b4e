#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/byte_input.hpp"
#include "cli/cluster/dump/load_items.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace raftkv::cli::dump {

// The items of a dump, in batches. Standard input is copied into a file without a name first, since
// a load reads its lines more than once.
class LineSource {
  public:
    // `file` may be "-".
    static Result<LineSource> open(const std::string& file, int cancel_fd);

    // Some items whose commands fit into one batch; none at the end. An error of kind usage names
    // the line.
    Result<std::vector<LoadedItem>> next_batch();
    // Back to the first line.
    Result<void> rewind();

  private:
    LineSource(Descriptor file, std::string name, int cancel_fd);

    Descriptor file_;
    std::string name_;
    int cancel_fd_;
    client::ByteInput input_;
    std::uint64_t line_ = 0;
};

}  // namespace raftkv::cli::dump
