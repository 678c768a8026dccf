# R's stochvol, default sampler, with Puffin's default priors, called by benchmarks/stochvol.py:
#
#   Rscript stochvol.R RETURNS FUNCTION CHAINS CORES SEED PLACES DIRECTORY
#
# RETURNS is a CSV of scaled returns; FUNCTION one of svsample, svtsample, svlsample, svtlsample;
# PLACES the 1-based positions, with commas between, of the states to write back. Writes
# parameters.csv and states.csv, one row a draw, chain after chain, and seconds.csv: wall and CPU
# seconds of the call alone, without R's start-up.

suppressPackageStartupMessages(library(stochvol))

arguments <- commandArgs(trailingOnly = TRUE)
returns <- read.csv(arguments[1])[[1]]
model <- arguments[2]
chains <- as.integer(arguments[3])
cores <- as.integer(arguments[4])
places <- as.integer(strsplit(arguments[6], ",")[[1]])
directory <- arguments[7]
student <- model %in% c("svtsample", "svtlsample")
leverage <- model %in% c("svlsample", "svtlsample")

priors <- specify_priors(
  mu = sv_normal(0, 10),
  phi = sv_beta(20, 1.5),
  sigma2 = sv_gamma(0.5, 0.5), # sigma ~ HalfNormal(1)
  nu = if (student) sv_exponential(0.1) else sv_infinity(),
  rho = if (leverage) sv_beta(4, 4) else sv_constant(0),
  beta = sv_multinormal(mean = 0, sd = 1, dim = 1)
)

RNGkind("L'Ecuyer-CMRG") # streams that differ between the chains' processes
set.seed(as.integer(arguments[5]))
start <- proc.time()
fit <- get(model)(
  returns,
  designmatrix = "ar0", # a constant mean
  priorspec = priors,
  thinlatent = 5, # five fit into memory where one in one does not
  n_chains = chains,
  parallel = "multicore",
  n_cpus = cores,
  quiet = TRUE
)
spent <- proc.time() - start

parameters <- cbind(as.matrix(para(fit, "all")), mean = as.vector(as.matrix(svbeta(fit, "all"))))
sampled <- c("mu", "phi", "sigma", if (student) "nu", if (leverage) "rho", "mean")
write_table <- function(values, name) {
  write.csv(values, file.path(directory, name), row.names = FALSE)
}
write_table(parameters[, sampled], "parameters.csv")
write_table(as.matrix(latent(fit, "all"))[, places], "states.csv")
write_table(data.frame(wall = spent[["elapsed"]], cpu = sum(spent[-3])), "seconds.csv")
