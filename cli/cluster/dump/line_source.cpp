#include "cli/cluster/dump/line_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

namespace raftkv::cli::dump {

namespace {

// The largest value that a node takes, each byte of it escaped, is far below.
constexpr std::size_t longest_item = std::size_t{128} << 20;
constexpr std::size_t items_in_a_batch = 1000;
constexpr std::size_t bytes_in_a_batch = 512 << 10;

Error failed(const std::string& doing) {
    return {ErrorKind::io, fmt::format("{}: {}", doing, std::generic_category().message(errno))};
}

// A copy of stdin that nobody else sees and that goes with its descriptor.
Result<Descriptor> spool(int cancel_fd) {
    std::FILE* temporary = std::tmpfile();
    if (temporary == nullptr) return failed("making a temporary file");
    Descriptor copy(::fcntl(::fileno(temporary), F_DUPFD_CLOEXEC, 0));
    std::fclose(temporary);
    if (copy.get() < 0) return failed("making a temporary file");
    client::ByteInput input(STDIN_FILENO, cancel_fd);
    std::string line;
    while (true) {
        auto more = input.read_line(line, longest_item);
        if (!more) return more.error();
        if (!*more) return copy;
        line += '\n';
        for (std::string_view rest = line; !rest.empty();) {
            const ssize_t count = ::write(copy.get(), rest.data(), rest.size());
            if (count < 0 && errno != EINTR) return failed("writing a temporary file");
            if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
        }
    }
}

}  // namespace

Result<LineSource> LineSource::open(const std::string& file, int cancel_fd) {
    if (file == "-") {
        auto copy = spool(cancel_fd);
        if (!copy) return copy.error();
        LineSource source(std::move(*copy), "stdin", cancel_fd);
        if (auto rewound = source.rewind(); !rewound) return rewound.error();
        return source;
    }
    Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0) return failed(fmt::format("opening {}", file));
    LineSource source(std::move(opened), file, cancel_fd);
    if (auto rewound = source.rewind(); !rewound) return rewound.error();
    return source;
}

LineSource::LineSource(Descriptor file, std::string name, int cancel_fd)
    : file_(std::move(file)),
      name_(std::move(name)),
      cancel_fd_(cancel_fd),
      input_(file_.get(), cancel_fd) {}

Result<std::vector<LoadedItem>> LineSource::next_batch() {
    std::vector<LoadedItem> items;
    std::size_t bytes = 0;
    std::string text;
    while (items.size() < items_in_a_batch && bytes < bytes_in_a_batch) {
        auto more = input_.read_line(text, longest_item);
        if (!more) {
            return Error{more.error().kind,
                         fmt::format("{}, line {}: {}", name_, line_ + 1, more.error().message)};
        }
        if (!*more) break;
        ++line_;
        if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
        auto item = parse_item(text);
        if (!item) {
            return Error{item.error().kind,
                         fmt::format("{}, line {}: {}", name_, line_, item.error().message)};
        }
        bytes += item->key.size() + item->value.size();
        items.push_back({std::move(*item), line_});
    }
    return items;
}

Result<void> LineSource::rewind() {
    if (::lseek(file_.get(), 0, SEEK_SET) < 0) {
        if (errno != ESPIPE) return failed(fmt::format("reading {}", name_));
        return Error{
            ErrorKind::usage,
            fmt::format("{} is no file that can be read twice; give - and pipe it in", name_)};
    }
    input_ = client::ByteInput(file_.get(), cancel_fd_);
    line_ = 0;
    return {};
}

}  // namespace raftkv::cli::dump
