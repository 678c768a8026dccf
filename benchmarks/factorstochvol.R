# R's factorstochvol on the exchange rates that ship with stochvol, called by factorstochvol.py:
#
#   Rscript factorstochvol.R DAYS FACTORS DRAWS WARM_UP THIN SEED CURRENCIES DIRECTORY
#
# CURRENCIES are their codes, with commas between; standardised log returns of the last DAYS days go to returns.csv; covariances of five days, one row a
# draw that is kept, day after day, to covariances.csv; and CPU seconds to seconds.csv.

suppressPackageStartupMessages({
  library(stochvol)
  library(factorstochvol)
})

given <- commandArgs(trailingOnly = TRUE)
arguments <- as.integer(head(given, 6))
currencies <- strsplit(given[7], ",")[[1]]
directory <- given[8]
days <- arguments[1]
factors <- arguments[2]

data(exrates)
rates <- as.matrix(exrates[, currencies])
returns <- scale(tail(apply(log(rates), 2, diff), days))
write.csv(returns, file.path(directory, "returns.csv"), row.names = FALSE)

set.seed(arguments[6])
start <- proc.time()
fit <- fsvsample(
  returns, factors = factors, draws = arguments[3], burnin = arguments[4], thin = arguments[5],
  zeromean = TRUE, restrict = "none", keeptime = "all", quiet = TRUE,
  # Puffin's priors, but for the loadings' spread, which Puffin estimates.
  priormu = c(0, 10), priorphiidi = c(20, 1.5), priorphifac = c(20, 1.5),
  priorsigmaidi = 1, priorsigmafac = 1, priorfacloadtype = "normal", priorfacload = 1
)
seconds <- (proc.time() - start)[["user.self"]]
write.csv(data.frame(cpu = seconds), file.path(directory, "seconds.csv"), row.names = FALSE)

m <- ncol(returns)
upper <- upper.tri(diag(m), diag = TRUE)
covariances <- sapply(seq_len(dim(fit$facload)[3]), function(draw) {
  loadings <- fit$facload[, , draw]
  sapply(round(seq(1, days, length.out = 5)), function(day) {
    variances <- exp(fit$logvar[day, , draw])
    of_factors <- diag(variances[-seq_len(m)], factors)
    (loadings %*% of_factors %*% t(loadings) + diag(variances[seq_len(m)]))[upper]
  })
})
write.csv(t(covariances), file.path(directory, "covariances.csv"), row.names = FALSE)
