#include "tests/system/browser/browser.hpp"

#include "cli/test/trace/html.hpp"
#include "tests/unit/trace/sample_traces.hpp"

// The page in a real browser, driven by drive.js.

namespace raftkv::trace {
namespace {

class TraceInBrowser : public system_test::BrowserTest {
  protected:
    std::string driven(const Trace& trace, const std::string& scenario) {
        return said_about(to_html(trace) + "<script>" + contents(RAFTKV_TRACE_DRIVER) +
                          "document.documentElement.dataset.scenario = '" + scenario +
                          "'; drive();</script>");
    }

    void expect_fine(const Trace& trace, const std::string& scenario) {
        std::string said = driven(trace, scenario);
        EXPECT_NE(said.find("end of the list"), std::string::npos) << "the driver did not end";
        EXPECT_EQ(said.find("WRONG"), std::string::npos) << said;
        EXPECT_NE(said.find("fine: nothing was loaded"), std::string::npos) << said;
    }
};

TEST_F(TraceInBrowser, an_incident_can_be_looked_into) {
    expect_fine(incident(), "incident");
}

TEST_F(TraceInBrowser, hostile_text_stays_text) {
    expect_fine(hostile_run(), "hostile");
}

TEST_F(TraceInBrowser, an_empty_run_breaks_nothing) {
    expect_fine(empty_run(), "empty");
}

TEST_F(TraceInBrowser, two_hundred_thousand_events_can_be_looked_at) {
    expect_fine(long_run(200'000), "large");
}

}  // namespace
}  // namespace raftkv::trace
