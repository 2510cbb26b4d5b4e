#include "common/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "common/line_rate.hpp"
#include "common/line_writer.hpp"
#include "common/log_control.hpp"
#include "common/printable.hpp"

namespace raftkv::log {
namespace {

// Several lines of one message are told from the next one: all but the first are indented.
std::string fit_for_log(std::string_view message) {
    std::string text;
    for (const char c : printable_text(message)) {
        if (text.ends_with('\n') && c != ' ') text += "  ";
        text += c;
    }
    return text;
}

class Sink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    LineWriter& writer() { return writer_; }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view said(message.payload.data(), message.payload.size());
        const auto left_out = rate_.take(said, message.time);
        if (!left_out) return;
        std::string text = fit_for_log(said);
        if (*left_out > 0) text += " (and " + std::to_string(*left_out) + " more like this)";
        spdlog::details::log_msg clean(message);
        clean.payload = text;
        spdlog::memory_buf_t line;
        formatter_->format(clean, line);
        writer_.write(std::string(line.data(), line.size()));
    }
    void flush_() override {}

  private:
    LineRate rate_;
    LineWriter writer_{STDERR_FILENO};
};

std::atomic<Sink*> the_sink = nullptr;  // once something was said

// Never destroyed: threads may say something until the very end.
spdlog::logger& logger() {
    static spdlog::logger& instance = []() -> spdlog::logger& {
        auto sink = std::make_shared<Sink>();
        the_sink = sink.get();
        auto* made = new spdlog::logger("", std::move(sink));
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %L %v");
        std::atexit([] { flush(); });
        return *made;
    }();
    return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

}  // namespace

bool parse_level(std::string_view text, Level& level) {
    if (text == "debug")
        level = Level::debug;
    else if (text == "info")
        level = Level::info;
    else if (text == "warn")
        level = Level::warn;
    else if (text == "error")
        level = Level::error;
    else if (text == "off")
        level = Level::off;
    else
        return false;
    return true;
}

void set_level(Level level) {
    logger().set_level(to_spdlog(level));
}

void set_context(std::string_view context) {
    std::string pattern = "%Y-%m-%dT%H:%M:%S.%e %L ";
    for (char c : context) pattern += c == '%' ? std::string("%%") : std::string(1, c);
    logger().set_pattern(pattern + " %v");
}

void debug(std::string_view message) {
    logger().debug(message);
}
void info(std::string_view message) {
    logger().info(message);
}
void warn(std::string_view message) {
    logger().warn(message);
}
void error(std::string_view message) {
    logger().error(message);
}

void flush(std::chrono::milliseconds at_most) {
    if (Sink* sink = the_sink) sink->writer().drain(at_most);
}

void reopen() {
    if (Sink* sink = the_sink) sink->writer().reopen();
}

}  // namespace raftkv::log
