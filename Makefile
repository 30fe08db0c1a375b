# The commands of the project, one a task; CONTRIBUTING.md explains them.

.PHONY: test ci lint api spdx circles release

test: ## all modules, the small sizes
	go test work

ci: ## all that CI checks: the full sizes, -race, lint, other clients
	CI=true bash .ci/run

lint: ## golangci-lint over all modules
	bash .ci/lint

api: ## write what the public packages export to api/
	go run ./internal/archtest/api

spdx: ## begin every Go file with its SPDX line
	go run ./internal/archtest/spdx

circles: ## print the size of each package, and the files that use one another
	go run ./internal/archtest/circles

release: ## prove that a host can get and build the modules
	LEADSYNC_TEST_FULL=1 go test -run TestHostBuildsWhatIsReleased ./internal/release
