PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
# More threads than cores slow small models down; beyond four they gain nothing.
THREADS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); if [ $$n -gt 4 ]; then echo 4; else echo $$n; fi)
OFFLINE := HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 GRADIO_ANALYTICS_ENABLED=False TOKENIZERS_PARALLELISM=false
# Tests run side by side, each on one thread; files stay whole, since their tests share models and servers.
WORKERS ?= 2
RUN := $(OFFLINE) OMP_NUM_THREADS=$${OMP_NUM_THREADS:-$(THREADS)}

.DEFAULT_GOAL := help
.PHONY: help demo test phone lint format setup clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## Set everything up and open the hub in a browser (ARGS="--port 8000" passes options)
	@.ci/vendor_onnxruntime_web.sh runs/card_phone/runtime --if-possible
	@$(RUN) $(VENV)/bin/python app.py $(ARGS)

test: $(READY) ## Set everything up, check the style and run every test (ARGS="-k name" passes options)
	@.ci/system_packages.sh
	@.ci/vendor_onnxruntime_web.sh runs/card_phone/runtime
	@$(MAKE) --no-print-directory lint
	@$(OFFLINE) OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest tests -n $(WORKERS) --dist loadfile $(ARGS)

phone: $(READY) ## Fetch what the card reader in the browser runs on (needs npm), and build its site
	@.ci/vendor_onnxruntime_web.sh runs/card_phone/runtime
	@$(VENV)/bin/python -m apps.card_phone.prepare

lint: $(READY) ## Check style and formatting with ruff
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --check .

format: $(READY) ## Format the code with ruff
	@$(VENV)/bin/ruff check --quiet --fix .
	@$(VENV)/bin/ruff format --quiet .

setup: $(READY) ## Only create .venv and install requirements.txt

clean: ## Remove .venv and everything built
	rm -rf $(VENV) .pytest_cache .ruff_cache .gradio
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.txt .ci/environment.sh .ci/apt_install.sh .ci/torchvision_guard.py
	@.ci/environment.sh $(VENV) $(PYTHON)
	@touch $@
