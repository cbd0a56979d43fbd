package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.Authorization;
import org.apache.pekko.http.javadsl.model.headers.HttpCredentials;
import org.junit.jupiter.api.Test;
import org.parley.core.spi.ApiKeyStore;

class ApiKeysTest {
  private static final CompletableFuture<Optional<String>> AWAY =
      CompletableFuture.failedFuture(new IllegalStateException("no database"));

  private CompletionStage<Optional<String>> says =
      CompletableFuture.completedFuture(Optional.of("default"));

  private final ApiKeys keys =
      new ApiKeys(
          new ApiKeyStore() {
            @Override
            public CompletionStage<Optional<String>> createFirst(String tenant) {
              return CompletableFuture.completedFuture(Optional.empty());
            }

            @Override
            public CompletionStage<Optional<String>> tenantOf(String key) {
              return says;
            }
          },
          new HttpSettings.Keys(Duration.ZERO, Duration.ZERO, Duration.ofHours(1), 100, 64));

  private String tenant() throws Exception {
    HttpRequest request = HttpRequest.GET("/").addHeader(Authorization.create(bearer("pk_one")));
    return keys.tenant(request).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static HttpCredentials bearer(String key) {
    return HttpCredentials.createOAuth2BearerToken(key);
  }

  @Test
  void aKeyThatWasKnownGoesOnBeingSoWhileTheDatabaseIsAway() throws Exception {
    assertThat(tenant()).isEqualTo("default");
    says = AWAY;
    assertThat(tenant()).isEqualTo("default");
  }

  @Test
  void aKeyThatWasKnownIsNotWaitedForWhileTheDatabaseStandsStill() throws Exception {
    assertThat(tenant()).isEqualTo("default");
    says = new CompletableFuture<>();
    assertThat(tenant()).isEqualTo("default");
  }

  @Test
  void aKeyThatWasNotKnownBeforeIsNotLetInByAnOutage() {
    says = AWAY;
    assertThatThrownBy(this::tenant).hasRootCauseMessage("no database");
  }

  @Test
  void aKeyThatWasTakenAwayStaysSoInAnOutage() throws Exception {
    assertThat(tenant()).isEqualTo("default");
    says = CompletableFuture.completedFuture(Optional.empty());
    assertThatThrownBy(this::tenant).hasMessageContaining("This API key is not known.");
    says = AWAY;
    assertThatThrownBy(this::tenant).hasRootCauseMessage("no database");
  }
}
