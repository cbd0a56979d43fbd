package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.http.ErrorsIT.problem;
import static org.parley.http.RunningApi.header;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PagesIT {
  private static final RunningApi api =
      new RunningApi("public-url = \"https://parley.example.org/\"");

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void lookingAtTheUnsubscribeLinkUnsubscribesNobody() {
    int before = api.parley.unsubscribed.size();
    HttpResponse<String> page = open("/v1/unsubscribe/t0ken");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<button").contains("method=\"post\"");
    assertThat(header(page, "Content-Security-Policy")).contains("default-src 'none'");
    assertThat(header(page, "X-Frame-Options")).isEqualTo("DENY");
    assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(api.parley.unsubscribed).hasSize(before);
  }

  @Test
  void oneClickUnsubscribesAsAFormOrAsParts() {
    int before = api.parley.unsubscribed.size();
    HttpResponse<String> form =
        click("t0ken", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
    HttpResponse<String> parts =
        click(
            "t0ken",
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n");

    HttpResponse<String> partsWithMoreHeaders =
        click(
            "t0ken",
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n"
                + "Content-Type: text/plain\r\nContent-Length: 9\r\n\r\nOne-Click\r\n--b--\r\n");

    assertThat(form.statusCode()).isEqualTo(200);
    assertThat(parts.statusCode()).isEqualTo(200);
    assertThat(partsWithMoreHeaders.statusCode()).isEqualTo(200);
    assertThat(api.parley.unsubscribed).hasSize(before + 3);
  }

  @Test
  void anotherFormOrTokenUnsubscribesNobody() {
    int before = api.parley.unsubscribed.size();
    problem(click("t0ken", "application/x-www-form-urlencoded", "a=b"), 400, "notOneClick");
    String manyLines = "name=List-Unsubscribe\n" + "a\n".repeat(4_080);
    problem(click("t0ken", "multipart/form-data; boundary=b", manyLines), 400, "notOneClick");
    HttpResponse<String> unknown =
        click("f0rged", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");

    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(header(unknown, "Content-Type")).startsWith("text/html");
    assertThat(api.parley.unsubscribed).hasSize(before);
  }

  @Test
  void theDocumentationWorksWithoutTheInternet() {
    HttpResponse<String> page = open("/docs");
    assertThat(page.body()).doesNotContain("http:").doesNotContain("https:");
    assertThat(header(page, "Content-Security-Policy")).contains("script-src 'self'");
    for (String file : List.of("start.js", "swagger-ui.css", "swagger-ui-bundle.js")) {
      assertThat(page.body().contains(file)).isTrue();
      assertThat(open("/docs/" + file).statusCode()).isEqualTo(200);
    }
    problem(open("/docs/..%2Fopenapi.yaml"), 404, "noSuchFile");
    assertThat(open("/openapi.yaml").body()).contains("- url: https://parley.example.org\n");
    assertThat(api.api.publicUrl()).isEqualTo("https://parley.example.org");
  }

  @Test
  void theSandboxInboxShowsMailsAsTextAndNeverAsHtml() {
    HttpResponse<String> page = open("/sandbox/inbox");

    assertThat(page.body())
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
        .contains("Hello &amp; welcome")
        .doesNotContain("<script");
  }

  @Test
  void aNodeSaysWhetherItIsReadyAndWhyNot() {
    assertThat(open("/healthz").statusCode()).isEqualTo(200);
    assertThat(open("/readyz").statusCode()).isEqualTo(200);
    api.notReady = List.of("the database does not answer", "the cluster is not formed");
    try {
      HttpResponse<String> answer = open("/readyz");
      assertThat(problem(answer, 503, "notReady").at("/errors/1/detail").asText())
          .isEqualTo("the cluster is not formed");
      assertThat(open("/healthz").statusCode()).isEqualTo(200);
    } finally {
      api.notReady = List.of();
    }
  }

  @Test
  void metricsAreInPrometheusFormat() {
    HttpResponse<String> metrics = open("/metrics");

    assertThat(metrics.body()).isEqualTo("parley_up 1\n");
    assertThat(header(metrics, "Content-Type")).startsWith("text/plain; version=0.0.4");
  }

  private static HttpResponse<String> open(String path) {
    return api.send(HttpRequest.newBuilder(api.uri(path)).build());
  }

  private static HttpResponse<String> click(String token, String type, String body) {
    return api.send(
        HttpRequest.newBuilder(api.uri("/v1/unsubscribe/" + token))
            .POST(BodyPublishers.ofString(body))
            .header("Content-Type", type)
            .build());
  }
}
